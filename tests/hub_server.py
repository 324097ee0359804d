"""A Hub on loopback: the smallest server whose upload and download API an unmodified huggingface_hub 2.4 takes through HF_ENDPOINT.

PyPI's hf-local-hub 3.0 is a client of a server that it does not bring, and olah 0.5 mirrors downloads; neither takes a commit. Large files
go by git-lfs's basic transfer: set HF_HUB_DISABLE_XET, since Xet's own protocol is not spoken here.
"""

import base64
import hashlib
import json
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LFS_SUFFIXES = (".parquet", ".safetensors")  # what the Hub's own .gitattributes would track
FIRST = {".gitattributes": ("regular", b"*.parquet filter=lfs diff=lfs merge=lfs -text\n")}
Tree = dict[str, tuple[str, bytes]]  # path to regular or lfs, and content


@dataclass
class Repo:
    private: bool
    commits: dict[str, tuple[str, str, Tree]] = field(default_factory=dict)  # oid to parent, message and tree
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    requests: dict[int, str] = field(default_factory=dict)  # pull requests by number: their titles

    def add(self, tree: Tree, message: str, branch: str = "main", parent: str = "") -> str:
        said = json.dumps([message, parent, sorted((path, hashlib.sha256(body).hexdigest()) for path, (_, body) in tree.items())])
        oid = hashlib.sha1(said.encode()).hexdigest()
        self.commits[oid] = (parent, message, tree)
        self.branches[branch] = oid
        return oid

    def resolve(self, revision: str) -> str | None:
        found = self.branches.get(revision) or self.tags.get(revision) or revision
        return found if found in self.commits else None


class Hub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repos: dict[str, Repo] = {}  # by datasets/ORG/NAME or models/ORG/NAME
        self.objects: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()  # method and what, e.g. "PUT lfs"
        self.fail: dict[str, int] = {}  # the next request whose path holds this is answered so; 0 drops the connection
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


@contextmanager
def running_hub() -> Any:
    """A server in a thread of its own."""
    hub = Hub()
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, content: Any = None, body: bytes | None = None, **headers: str) -> None:
        data = body if body is not None else json.dumps(content if content is not None else {}).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _missing(self, what: str) -> None:
        self._answer(404, {"error": f"{what} not found"}, X_Error_Code=f"{what}NotFound", X_Error_Message=f"{what} not found")

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        url = urlsplit(self.path)
        self.query = parse_qs(url.query)
        parts = [unquote(part) for part in url.path.strip("/").split("/")]
        for path in [path for path in self.server.fail if path in url.path]:
            status = self.server.fail.pop(path)
            if not status:
                self.close_connection = True
                self.connection.close()
                return
            self._answer(status, {"error": "as the test wants it"})
            return
        if parts[:2] == ["api", "repos"]:
            self._repos(parts[2])
        elif parts == ["api", "validate-yaml"]:
            valid = "license:" in json.loads(self.body)["content"]
            self._answer(200 if valid else 400, {"errors": [] if valid else [{"message": '"license" is required'}], "warnings": []})
        elif parts[0] == "lfs":
            self.server.asked[f"{self.command} lfs"] += 1
            right = hashlib.sha256(self.body).hexdigest() == parts[1]
            if right:
                self.server.objects[parts[1]] = self.body
            self._answer(200 if right else 400)
        elif parts[0] == "api" and parts[1] in ("datasets", "models"):
            self._of_repo("/".join(parts[1:4]), parts[4:])
        else:
            kind, rest = ("datasets", parts[1:]) if parts[0] == "datasets" else ("models", parts)
            self._git(f"{kind}/{rest[0]}/{rest[1].removesuffix('.git')}", rest[2:])

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 (the names of http.server)

    def _repos(self, what: str) -> None:
        asked = json.loads(self.body)
        name = f"{asked.get('type') or 'model'}s/{asked['organization']}/{asked['name']}"
        self.server.asked[what] += 1
        if what == "delete":
            self.server.repos.pop(name, None)
            self._answer(200)
        elif name in self.server.repos:
            self._answer(409, {"error": "You already created this repo"})
        else:
            repo = self.server.repos[name] = Repo(asked.get("visibility", "public") == "private")
            repo.add(dict(FIRST), "initial commit")
            self._answer(200, {"url": f"{self.server.url}/{name.removeprefix('models/')}"})

    def _of_repo(self, name: str, rest: list[str]) -> None:
        repo = self.server.repos.get(name)
        what = rest[0] if rest else "revision"
        self.server.asked[f"{self.command} {what}"] += 1
        if repo is None:
            self._missing("Repo")
        elif what == "refs":
            shown = lambda prefix, of: [{"name": n, "ref": f"refs/{prefix}/{n}", "targetCommit": oid} for n, oid in sorted(of.items())]  # noqa: E731
            self._answer(
                200, {"branches": shown("heads", {"main": repo.branches["main"]}), "converts": [], "tags": shown("tags", repo.tags)}
            )
        elif what == "settings":
            repo.private = json.loads(self.body)["visibility"] == "private"
            self._answer(200)
        elif what == "discussions":
            open_ones = [
                {"title": title, "num": n, "author": {"name": "a"}, "createdAt": "2025-01-01T00:00:00.000Z", "status": "open"}
                | {"repo": {"name": name.partition("/")[2], "type": name[:-1].partition("s/")[0]}, "isPullRequest": True}
                for n, title in repo.requests.items()
            ]
            self._answer(200, {"count": len(open_ones), "start": 0, "discussions": open_ones})
        elif (oid := repo.resolve(rest[1] if len(rest) > 1 else "main")) is None:
            self._missing("Revision")
        else:
            self._at_revision(name, repo, what, oid, rest[2:])

    def _at_revision(self, name: str, repo: Repo, what: str, oid: str, rest: list[str]) -> None:
        tree = repo.commits[oid][2]
        if what == "revision":
            info = {
                "id": name.partition("/")[2],
                "sha": oid,
                "private": repo.private,
                "tags": [],
                "lastModified": "2025-01-01T00:00:00.000Z",
            }
            self._answer(200, info | {"siblings": [{"rfilename": path} for path in sorted(tree)]})
        elif what == "tree":
            entries = _entries(tree, "/".join(rest), self.query.get("recursive", ["False"])[0].lower() in ("true", "1"))
            self._answer(200, entries) if entries or not rest else self._missing("Entry")
        elif what == "paths-info":
            wanted = parse_qs(self.body.decode()).get("paths", [])
            known = {entry["path"]: entry for entry in _entries(tree, "", True)}
            self._answer(200, [known[path.strip("/")] for path in wanted if path.strip("/") in known])
        elif what == "preupload":
            files = [file["path"] for file in json.loads(self.body)["files"]]
            self._answer(
                200, {"files": [{"path": f, "uploadMode": _mode(f), "shouldIgnore": False, "oid": _oid(tree.get(f))} for f in files]}
            )
        elif what == "tag":
            tag = json.loads(self.body)["tag"]
            known = tag in repo.tags
            repo.tags.setdefault(tag, oid)
            self._answer(409 if known else 200, {"error": "Tag reference exists already"})
        elif what == "commit":
            self._commit(name, repo, oid)
        else:
            self._missing("Entry")

    def _commit(self, name: str, repo: Repo, head: str) -> None:
        lines = [json.loads(line) for line in self.body.splitlines()]
        header = lines[0]["value"]
        if header.get("parentCommit", head) != head:
            self._answer(412, {"error": "A commit has happened since"})
            return
        tree = dict(repo.commits[head][2])
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                tree[value["path"]] = ("regular", base64.b64decode(value["content"]))
            elif line["key"] == "lfsFile" and value["oid"] in self.server.objects:
                tree[value["path"]] = ("lfs", self.server.objects[value["oid"]])
            elif line["key"] == "deletedFile" and value["path"] in tree:
                del tree[value["path"]]
            else:
                self._answer(400, {"error": f"{line['key']}: not known here"})
                return
        number = len(repo.requests) + 1
        is_request = "create_pr" in self.query
        if is_request:
            repo.requests[number] = header["summary"]
        oid = repo.add(tree, header["summary"], f"refs/pr/{number}" if is_request else "main", head)
        request = f"{self.server.url}/{name.removeprefix('models/')}/discussions/{number}" if is_request else None
        self._answer(200, {"commitUrl": f"{self.server.url}/{name}/commit/{oid}", "commitOid": oid, "pullRequestUrl": request})

    def _git(self, name: str, rest: list[str]) -> None:
        repo = self.server.repos.get(name)
        self.server.asked[f"{self.command} {rest[0]}"] += 1
        if repo is None:
            self._missing("Repo")
        elif rest == ["info", "lfs", "objects", "batch"]:
            objects = json.loads(self.body)["objects"]
            href = {o["oid"]: {"actions": {"upload": {"href": f"{self.server.url}/lfs/{o['oid']}", "header": {}}}} for o in objects}
            answer = [o | ({} if o["oid"] in self.server.objects else href[o["oid"]]) for o in objects]
            self._answer(200, {"transfer": "basic", "objects": answer})
        elif rest[0] == "resolve" and (oid := repo.resolve(rest[1])) is None:
            self._missing("Revision")
        elif (found := repo.commits[str(oid)][2].get("/".join(rest[2:]))) is None:
            self._missing("Entry")
        else:
            start, total = _range(self.headers.get("Range"), len(found[1])), len(found[1])
            headers = {"ETag": f'"{_oid(found)}"', "X_Repo_Commit": str(oid), "Accept_Ranges": "bytes"}
            if start is not None:
                headers["Content_Range"] = f"bytes {start[0]}-{start[1] - 1}/{total}"
            body = found[1] if start is None else found[1][start[0] : start[1]]
            self._answer(200 if start is None else 206, body=body, Content_Type="application/octet-stream", **headers)


def _mode(path: str) -> str:
    return "lfs" if path.endswith(LFS_SUFFIXES) else "regular"


def _oid(entry: tuple[str, bytes] | None) -> str | None:
    if entry is None:
        return None
    kind, body = entry
    return hashlib.sha256(body).hexdigest() if kind == "lfs" else hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()


def _entries(tree: Tree, under: str, recursive: bool) -> list[dict[str, Any]]:
    """Files and folders as the Hub lists them."""
    listed: dict[str, dict[str, Any]] = {}
    for path, entry in sorted(tree.items()):
        if under and not path.startswith(under + "/"):
            continue
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            listed[folder] = {"type": "directory", "path": folder, "oid": hashlib.sha1(folder.encode()).hexdigest(), "size": 0}
        pointer = {"lfs": {"oid": _oid(entry), "size": len(entry[1]), "pointerSize": 134}} if entry[0] == "lfs" else {}
        listed[path] = {"type": "file", "path": path, "oid": _oid(entry), "size": len(entry[1]), **pointer}
    depth = under.count("/") + 1 if under else 0
    return [e for e in listed.values() if recursive or (e["path"].count("/") == depth and e["path"] != under)]


def _range(header: str | None, total: int) -> tuple[int, int] | None:
    if not header or not header.startswith("bytes="):
        return None
    first, _, last = header.removeprefix("bytes=").partition("-")
    return int(first or 0), min(int(last) + 1 if last else total, total)
