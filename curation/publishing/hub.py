"""Files onto the Hub in one commit with a tag: the same again does nothing, what was interrupted goes on where it was."""

import hashlib
import io
from typing import Any, NamedTuple

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.sha import git_hash

from curation.errors import TibyanError
from curation.publishing.folder import Content
from curation.publishing.hub_errors import hub_errors, is_refusal

MAIN = "main"
THE_HUBS_OWN = {".gitattributes"}  # made with the repository, and not ours to delete


class Upload(NamedTuple):
    """What goes to a repository: all that it is to hold, by name, and the tag and message of the commit."""

    repo: str
    kind: str  # dataset or model
    files: dict[str, Content]
    tag: str
    message: str


class Plan(NamedTuple):
    """What stands there and what differs. `done`: this very version is published already."""

    exists: bool
    private: bool
    head: str | None
    added: list[str]
    changed: list[str]
    deleted: list[str]
    done: bool


class Outcome(NamedTuple):
    """`what` was done, for a person; `url` of the commit, tag or pull request."""

    what: str
    url: str


def plan(api: HfApi, upload: Upload, public: bool) -> Plan:
    """Look, and change nothing. Raises TibyanError where the version is there with other content, or is public and should not be."""
    with hub_errors(upload.repo):
        try:
            info = api.repo_info(upload.repo, repo_type=upload.kind)
        except RepositoryNotFoundError:
            return Plan(False, True, None, sorted(upload.files), [], [], False)
        if not info.private and not public:
            raise TibyanError(f"{upload.repo}: is public already. Say --public, or name another repository.")
        tags = {tag.name for tag in api.list_repo_refs(upload.repo, repo_type=upload.kind).tags}
        there = _files(api, upload, MAIN)
        done = upload.tag in tags
        if done and _differing(upload.files, _files(api, upload, upload.tag)) != ([], [], []):
            raise TibyanError(f"{upload.repo}: has {upload.tag} with other content. Make a new version: `tibyan release --bump patch`.")
        return Plan(True, bool(info.private), info.sha, *_differing(upload.files, there), done)


def publish(api: HfApi, upload: Upload, public: bool, create_pr: bool) -> Outcome:
    """Commit, tag, and only then make public. Raises TibyanError where the Hub refuses; a repository that was made for it goes again."""
    found = plan(api, upload, public)
    differs = bool(found.added or found.changed or found.deleted)
    if found.done:
        return _make_public(api, upload, found, public) or Outcome(f"{upload.tag} is published already, nothing to do", _url(api, upload))
    with hub_errors(upload.repo):
        if not found.exists:
            api.create_repo(upload.repo, repo_type=upload.kind, private=True)
        try:
            if create_pr:
                return _propose(api, upload, found, differs)
            commit = _commit(api, upload, found) if differs else str(found.head)
        except (HfHubHTTPError, ValueError, RuntimeError) as error:
            if not found.exists and is_refusal(error):  # what was broken off stays, empty and private, and goes on from there
                api.delete_repo(upload.repo, repo_type=upload.kind, missing_ok=True)
            raise
        api.create_tag(upload.repo, repo_type=upload.kind, tag=upload.tag, revision=commit, tag_message=upload.message)
    _make_public(api, upload, found, public)
    counts = f"{len(found.added)} added, {len(found.changed)} changed, {len(found.deleted)} deleted"
    return Outcome(f"{upload.tag} published, {'public' if public else 'private'}: {counts}", _url(api, upload))


def planned(found: Plan, upload: Upload, public: bool) -> str:
    """What a dry run says."""
    if found.done:
        return f"{upload.repo}: {upload.tag} is published already, nothing would be done"
    size = sum(len(of) if isinstance(of, bytes) else of.stat().st_size for of in upload.files.values())
    where = f"{upload.repo} ({'there' if found.exists else 'new'}, {'public' if public else 'private'})"
    counts = f"{len(found.added)} files added, {len(found.changed)} changed, {len(found.deleted)} deleted"
    return f"dry run: {where} would have {upload.tag}: {counts}, of {len(upload.files)} with {size / 1e6:.1f} MB"


def _commit(api: HfApi, upload: Upload, found: Plan, create_pr: bool = False) -> Any:
    operations: list[Any] = [CommitOperationAdd(name, upload.files[name]) for name in (*found.added, *found.changed)]
    operations += [CommitOperationDelete(name) for name in found.deleted]
    done = api.create_commit(
        upload.repo,
        operations,
        commit_message=upload.message,
        repo_type=upload.kind,
        parent_commit=None if create_pr else found.head,
        create_pr=create_pr,
    )
    return done.pr_url if create_pr else done.oid


def _propose(api: HfApi, upload: Upload, found: Plan, differs: bool) -> Outcome:
    """A pull request; its tag is set once it is merged and the same is published again."""
    if not differs:
        return Outcome("the same stands there already, no pull request is needed", _url(api, upload))
    requests = api.get_repo_discussions(upload.repo, repo_type=upload.kind, discussion_type="pull_request", discussion_status="open")
    for request in requests if found.exists else ():
        if request.title == upload.message:
            return Outcome("a pull request with it is open already", request.url)
    url = _commit(api, upload, found, create_pr=True)
    return Outcome(f"pull request opened; merge it, then publish again without --create-pr to tag {upload.tag}", url)


def _make_public(api: HfApi, upload: Upload, found: Plan, public: bool) -> Outcome | None:
    if not public or (found.exists and not found.private):
        return None
    with hub_errors(upload.repo):
        api.update_repo_settings(upload.repo, repo_type=upload.kind, private=False)
    return Outcome(f"{upload.tag} was there and is public now", _url(api, upload))


def _url(api: HfApi, upload: Upload) -> str:
    return f"{api.endpoint}/{'datasets/' if upload.kind == 'dataset' else ''}{upload.repo}/tree/{upload.tag}"


def _files(api: HfApi, upload: Upload, revision: str) -> dict[str, RepoFile]:
    tree = api.list_repo_tree(upload.repo, repo_type=upload.kind, revision=revision, recursive=True)
    return {file.path: file for file in tree if isinstance(file, RepoFile) and file.path not in THE_HUBS_OWN}


def _differing(ours: dict[str, Content], theirs: dict[str, RepoFile]) -> tuple[list[str], list[str], list[str]]:
    """Names that are added, changed and deleted, each sorted."""
    added = sorted(ours.keys() - theirs.keys())
    changed = sorted(name for name in ours.keys() & theirs.keys() if not _same(ours[name], theirs[name]))
    return added, changed, sorted(theirs.keys() - ours.keys())


def _same(ours: Content, theirs: RepoFile) -> bool:
    """Whether both are the same bytes."""
    if theirs.lfs is None:
        return bool(git_hash(ours if isinstance(ours, bytes) else ours.read_bytes()) == theirs.blob_id)
    with io.BytesIO(ours) if isinstance(ours, bytes) else ours.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == theirs.lfs.sha256
