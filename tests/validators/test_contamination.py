"""Leaks planted on each side of a pair close the gate; stock answers, which the split lets stand in several, do not."""

import json

import pytest

from curation.errors import TibyanError
from curation.params import load_params
from validators.gate import run as gate

QUESTION = "بنتي تعاني من حكة وبقع حمراء خلف الركبتين بعد السباحة في المسبح وجربت كريم مرطب ولم تتحسن فما السبب وما العلاج المناسب"
ANSWER = "هذه اكزيما تماسية من الكلور في ماء المسبح استخدمي مرهما مرطبا بعد الاستحمام مباشرة وتجنبي الصابون المعطر لمدة اسبوعين"
SHORT = "راجع الطبيب"


def plant(rows, number, side, text, cluster=None):
    rows["records"][number][f"{side}_raw"] = rows["cleaned"][number][side] = rows["cleaned"][number][f"{side}_key"] = text
    if cluster is not None:
        rows["duplicates"][number]["answer_cluster_id"] = f"r{cluster:06d}"


def failed(hand_overs, folder, rows):
    """The failed checks of what stands in train, with the record ids."""
    checks = hand_overs.validate(rows, folder).checks
    return {n: c["record_ids"] for n, c in checks.items() if n.endswith("_in_train") and not c["success"]}


@pytest.mark.parametrize(("side", "text"), [("question", QUESTION), ("answer", ANSWER)])
def test_a_leak_on_either_side_closes_the_gate(hand_overs, tmp_path, monkeypatch, side, text):
    monkeypatch.chdir(tmp_path)
    rows = hand_overs.good()
    plant(rows, 10, side, text)  # test
    plant(rows, 21, side, "اضافة في البداية " + text)  # validation: it quotes a test text, which is no matter, and a train text
    plant(rows, 33, side, f"كتب لي احدهم قبل شهر {text} وانا اسال عن نفس الشيء")  # train
    assert failed(hand_overs, tmp_path, rows) == {f"split/{side}_not_in_train": ["r000010", "r000021"]}
    with pytest.raises(TibyanError, match=rf"split/{side}_not_in_train: 2 rows \(r000010, r000021;"):
        gate(None, load_params(hand_overs.root / "params.yaml"))
    assert text[:20] not in (tmp_path / "reports/validation.json").read_text(encoding="utf-8")
    checks = json.loads((tmp_path / "reports/validation.json").read_text(encoding="utf-8"))["checks"]
    assert {c["severity"] for c in checks if c["name"].endswith("_in_train")} == {"critical"}


def test_less_than_the_share_is_no_leak(hand_overs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = hand_overs.good()
    half = QUESTION.split()
    plant(rows, 10, "question", " ".join(half[:12]) + " ومنذ ذلك اليوم لا تنام جيدا وتبكي كثيرا عند لمس الجلد")
    plant(rows, 33, "question", QUESTION)
    assert failed(hand_overs, tmp_path, rows) == {}


def test_stock_answers_are_exempt_and_nothing_else_is(hand_overs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    limit = load_params(hand_overs.root / "params.yaml").split.stock_askings
    rows = hand_overs.good()
    pasted = [i for i in range(120) if i % 10 in (0, 2, 4)][: limit + 1]  # under so many askings, of test and train
    for i in pasted:
        plant(rows, i, "answer", ANSWER, cluster=pasted[0])
    for i in (20 * 5 + 1, 20 * 5 + 3):  # short, in validation and train
        plant(rows, i, "answer", SHORT, cluster=101)
    assert failed(hand_overs, tmp_path, rows) == {}
    plant(rows, pasted[-1], "answer", ANSWER, cluster=pasted[-1])  # one fewer: no stock answer any more, and of the rest the gate asks
    rows["duplicates"][pasted[-1]]["cluster_id"] = f"r{pasted[0]:06d}"
    assert set(failed(hand_overs, tmp_path, rows)) == {"split/answer_not_in_train"}
