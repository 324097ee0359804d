"""Each class of fault, planted once, is caught by its check with the right ids, and no report says what it read."""

import csv

import pytest

PERSONAL = {
    "email": "راسلني على nour.saleh@example.com شكرا",
    "link": "التفاصيل في https://clinic-noor.example/p",
    "handle": "حسابي @noor_saleh هناك",
    "phone": "رقمي ٠٥٥١٢٣٤٥٦٧ للتواصل",
}
SECRETS = ("الزعبي", "nour.saleh", "clinic-noor", "noor_saleh", "٠٥٥١٢٣٤٥٦٧", "جرعتي المسائية", "kurdish-of-mars", "يتبع الجواب")


def r(*numbers):
    return [f"r{i:06d}" for i in numbers]


def plant(rows):
    """One fault a record, and the ids that each check then has to name."""
    records, cleaned, dialect, severity = (rows[n] for n in ("records", "cleaned", "dialect", "severity"))
    expected = {}
    for i, (kind, text) in enumerate(PERSONAL.items()):
        for j, side in enumerate(("question", "answer")):
            row = 2 + 4 * j + i
            records[row][f"{side}_raw"] += " " + text
            cleaned[row][side] += " " + text.replace("٠٥٥١٢٣٤٥٦٧", "0551234567")
            expected[f"records/{side}_raw_has_no_{kind}"] = expected[f"cleaned/{side}_has_no_{kind}"] = r(row)
        dialect[12 + i]["question_msa"] += " " + text
        expected[f"scored/question_msa_has_no_{kind}"] = r(12 + i)
    expected["selected/question_has_no_leak"], expected["selected/answer_has_no_leak"] = r(2, 3, 4, 5), r(6, 7, 8, 9)
    expected["selected/question_msa_has_no_leak"] = r(12, 13, 14, 15)
    for row in (records[16], cleaned[16]):
        row["answer_raw" if "answer_raw" in row else "answer"] += " انا اسمي سامر الزعبي"
    expected["selected/answer_has_no_name"] = r(16)

    records[20]["question_raw"] += " جرعتي المسائية 1000 ملغ"
    cleaned[20]["question"] += " جرعتي المسائية 100 ملغ"
    expected["cleaned/question_numbers_kept"] = r(20)
    records[21]["answer_raw"] += " مرة 2-3"
    cleaned[21]["answer"] += " مرة 23"
    expected["cleaned/answer_numbers_kept"] = r(21)
    cleaned[22]["question"] += "  "
    expected["cleaned/question_clean_twice"] = r(2, 4, 22)  # شكرا at the end and _ would go
    cleaned[23]["language"] = None
    expected["cleaned/language_not_null"] = r(23)
    cleaned[24]["arabic_share"] = 1.5
    expected["cleaned/arabic_share_in_range"] = r(24)
    cleaned[25]["arabic_share"] = 0.2
    expected["selected/arabic_share"] = r(25)
    cleaned[26]["question"] = records[26]["question_raw"] = "صداع"
    cleaned[27]["question"] = records[27]["question_raw"] = "صداع " * 1001 + "صداع"
    expected["selected/question_length"] = r(26, 27)
    cleaned[28]["answer"] = records[28]["answer_raw"] = "نعم"
    expected["selected/answer_length"] = r(28, 29)
    cleaned[29]["answer"] = records[29]["answer_raw"] = None
    expected["selected/answer_not_null"] = r(29)
    cleaned[30]["answer"] = records[30]["answer_raw"] = cleaned[30]["question"]
    expected["selected/question_is_not_answer"] = r(30)

    dialect[31]["dialect"] = "kurdish-of-mars"
    expected["scored/dialect_vocabulary"] = r(31)
    dialect[32]["p_msa"] += 0.1
    dialect[33] |= {"p_msa": 1.5, "p_egy": -0.55}
    expected["scored/dialect_p_in_range"] = r(32, 33, 37)
    expected["scored/dialect_p_sum"] = r(32, 37)
    dialect[34]["dialect"] = "GLF"
    expected["scored/dialect_most_probable"] = r(31, 33, 34)
    dialect[35]["dialect"] = None  # unknown: no fault
    dialect[37]["p_lev"], dialect[37]["dialect"] = None, None

    severity[40]["severity"] = "urgent"
    expected["scored/severity_vocabulary"] = r(40)
    severity[41]["severity"] = None
    expected["scored/severity_not_null"] = r(41)
    severity[42]["severity"] = "moderate" if severity[42]["severity"] == "mild" else "mild"
    expected["scored/severity_most_probable"] = r(40, 41, 42, 44)
    severity[43]["p_mild"] += 0.001
    expected["scored/severity_p_sum"] = r(43, 44)
    severity[44]["p_critical"] = float("nan")
    expected["scored/severity_p_in_range"] = r(44)

    rows["selection"][50]["reject_reason"] = "duplicate"
    rows["selection"][51] |= {"kept": False}
    expected["records/rejects_have_reasons"] = r(50, 51)
    rows["selected"] = rows_selected = [dict(row) for row in rows["join"](rows)]
    by_id = {row["record_id"]: row for row in rows_selected}
    rows_selected.remove(by_id["r000052"])
    expected["selected/kept_is_selected"] = expected["split/one_row_in_selected"] = r(52)
    expected["split/one_row_in_selected"] = r(51, 52)
    expected["split/cluster_id_not_null"] = r(51, 52)
    by_id["r000053"]["question"] = "سؤال آخر لا علاقة له بما قبله"
    expected["selected/texts_unchanged"] = r(53)
    by_id["r000060"]["cluster_id"] = by_id["r000061"]["cluster_id"] = "r000060"  # test and validation
    expected["split/cluster_in_one_split"] = r(60, 61)
    by_id["r000062"]["question_key"] = by_id["r000070"]["question_key"] = "يتبع الجواب"
    expected["split/question_in_one_split"] = r(62, 70)
    rows["split"][63]["split"] = "dev"
    expected["split/split_vocabulary"] = r(63)
    rows["split"][64]["split"] = None
    expected["split/split_not_null"] = r(64)
    expected["split/severities_in_splits"] = []  # `dev` has one class; about a split, not a record

    del rows["severity"][80], rows["duplicates"][81]
    expected["records/one_row_in_severity"] = r(80)
    expected["records/one_row_in_duplicates"] = r(81)
    rows["dialect"].append(dict(dialect[82]))
    expected["records/one_row_in_dialect"] = expected["scored/record_id_unique"] = r(82)
    rows["cleaned"].append({**cleaned[83], "record_id": "stranger"})
    expected["records/one_row_in_cleaned"] = ["stranger"]
    records[84]["source"] = None
    expected["records/source_not_null"] = r(84)
    expected["records/counts_add_up"] = []
    return expected


@pytest.fixture(scope="module")
def faults(hand_overs, in_folder):
    rows = hand_overs.good()
    rows["join"] = hand_overs.join_selected
    expected = plant(rows)
    del rows["join"]
    return hand_overs.validate(rows, in_folder), expected


def test_each_fault_is_caught_with_its_records(faults):
    report, expected = faults
    caught = {name: c["record_ids"] for name, c in report.checks.items() if not c["success"]}
    assert caught == expected


def test_counts_are_of_rows(faults):
    report, _ = faults
    assert report.checks["selected/question_length"]["unexpected_count"] == 2
    assert report.checks["scored/record_id_unique"]["unexpected_count"] == 2  # two rows of one id
    assert report.checks["records/question_raw_has_no_phone"]["unexpected_count"] == 1


def test_no_report_says_what_it_read(faults, in_folder, hand_overs):
    written = [p for p in (in_folder / "reports").rglob("*") if p.is_file()]
    assert {p.name for p in written} == {"validation.json", "quarantine.csv"} and len(written) == 3
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert not [s for s in (*SECRETS, hand_overs.question(60), "صداع في", "حبة", "باطنية") if s in text], path


def test_the_quarantine_names_every_row_at_fault(faults, in_folder):
    _, expected = faults
    rows = list(csv.reader((in_folder / "reports/quarantine.csv").open(encoding="utf-8")))
    assert rows[0] == ["record_id", "suite", "name"]
    wanted = [[i, *check.split("/")] for check, ids in expected.items() for i in ids]
    assert sorted(rows[1:]) == rows[1:] == sorted(wanted)


def test_the_scratch_file_is_gone(faults, in_folder):
    assert not list((in_folder / ".cache").glob("validate-*"))
