"""Faults to plant in the good hand-overs of conftest.py, one a record and of tables as a whole, and what has to find them."""

from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

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
            expected[f"ingested/{side}_raw_has_no_{kind}"] = expected[f"cleaned/{side}_has_no_{kind}"] = r(row)
        dialect[12 + i]["question_msa"] += " " + text
        expected[f"scored/question_msa_has_no_{kind}"] = r(12 + i)
    expected["selected/question_has_no_leak"], expected["selected/answer_has_no_leak"] = r(2, 3, 4, 5), r(6, 7, 8, 9)
    expected["selected/question_msa_has_no_leak"] = r(12, 13, 14, 15)
    for row in (records[16], cleaned[16]):
        row["answer_raw" if "answer_raw" in row else "answer"] += " انا اسمي سامر الزعبي"
    expected["selected/answer_has_no_name"] = r(16)

    records[17]["question_raw"] += " انا اسمي سامر الزعبي"
    cleaned[17]["question"] += " انا اسمي سامر الزعبي"
    dialect[18]["question_msa"] += " انا اسمي سامر الزعبي"
    expected["selected/question_has_no_name"], expected["selected/question_msa_has_no_name"] = r(17), r(18)
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
    dialect[32]["p_egy"] += 0.1
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
    expected["scored/severity_follows_p"] = r(40, 41, 42, 44)
    severity[43]["p_mild"] += 0.001
    expected["scored/severity_p_sum"] = r(43, 44)
    severity[44]["p_critical"] = float("nan")
    expected["scored/severity_p_in_range"] = r(44)

    records[85]["question_raw"] = "  "
    expected["ingested/question_raw_not_blank"] = r(85)
    records[86]["answer_rule"] = None
    expected["ingested/answer_has_its_rule"] = r(29, 86)
    records[87]["asked_at"], records[88]["asked_at"] = datetime(1970, 1, 1), datetime(2019, 5, 6)
    expected["ingested/asked_at_plausible"] = r(87)
    rows["rejects"][0]["reason"] = ""
    expected["ingested/rejects_have_reasons"] = []
    cleaned[88]["question_key"] = None
    expected["cleaned/question_key_not_null"] = r(88)
    cleaned[89]["language"] = "Arabic"
    expected["cleaned/language_vocabulary"] = r(23, 89)
    cleaned[90]["language_method"] = "guessed"
    expected["cleaned/language_method_vocabulary"] = r(90)
    records[91] |= {"answer_raw": None, "answer_rule": None}
    expected["cleaned/answers_kept"] = r(91)
    cleaned[92]["answer"] += "  "
    expected["cleaned/answer_clean_twice"] = r(6, 8, 92)
    expected["cleaned/question_numbers_kept"] = r(20, 85)
    expected["cleaned/answer_numbers_kept"] = r(21, 91)

    scores = rows["quality"]
    scores[93]["question_prayer"] = None
    expected["quality/question_prayer_not_null"] = r(93)
    scores[94]["answer_same"] = None
    expected["quality/answer_scores_where_answered"] = r(94)
    scores[95]["question_letters"] = -1
    expected["quality/letters_in_range"] = r(95)
    scores[96]["question_picture"] = 1.5
    expected["quality/scores_in_range"] = r(96)
    dialect[97]["dialect_variety"] = "kurdish-of-mars"
    expected["scored/dialect_variety_vocabulary"] = r(97)
    dialect[98]["question_msa"] = None
    expected["scored/question_msa_there"] = r(98)
    dialect[99]["question_msa"] = dialect[99]["question_msa"].replace("101", "110")
    expected["scored/question_msa_numbers_kept"] = r(15, 99)  # a telephone number came in

    clusters = rows["duplicates"]
    clusters[100]["duplicate_kind"] = clusters[101]["answer_duplicate_kind"] = "alike"
    expected["duplicates/duplicate_kind_vocabulary"], expected["duplicates/answer_duplicate_kind_vocabulary"] = r(100), r(101)
    for row, side in ((102, "cluster_id"), (103, "answer_cluster_id"), (104, "pair_cluster_id")):
        clusters[row][side] = "r999999"
        expected[f"duplicates/{side}_is_a_member"] = r(row)
    clusters[105]["is_representative"] = False
    expected["duplicates/one_representative"] = r(105)
    expected["duplicates/representative_names_it"] = r(102, 105)
    rows["selection"][106] |= {"kept": False, "reject_reason": "kurdish-of-mars"}
    expected["selected/reject_reason_vocabulary"] = r(106)
    scores[108]["answer_arabic_share"] = 0.1
    expected["selected/answer_arabic_share"] = r(108)
    expected["selected/thresholds_hold"] = r(25, 29, 89, 95, 96, 105, 108)

    rows["selection"][50]["reject_reason"] = "duplicate"
    rows["selection"][51] |= {"kept": False}
    expected["selected/rejects_have_reasons"] = r(50, 51)
    rows["selected"] = rows_selected = [dict(row) for row in rows["join"](rows)]
    by_id = {row["record_id"]: row for row in rows_selected}
    rows_selected.remove(by_id["r000052"])
    expected["selected/kept_is_selected"] = expected["split/one_row_in_selected"] = r(52)
    expected["split/one_row_in_selected"] = r(51, 52, 106)
    expected["split/cluster_id_not_null"] = r(51, 52, 106)
    by_id["r000053"]["question"] = "سؤال آخر لا علاقة له بما قبله"
    expected["selected/texts_unchanged"] = r(53)
    by_id["r000107"]["p_critical"] = 0.5
    expected["selected/tags_unchanged"] = r(61, 107)
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
    expected["ingested/one_row_in_severity"] = r(80)
    expected["ingested/one_row_in_duplicates"] = r(81)
    rows["dialect"].append(dict(dialect[82]))
    expected["ingested/one_row_in_dialect"] = expected["scored/record_id_unique"] = r(82)
    rows["cleaned"].append({**cleaned[83], "record_id": "stranger"})
    expected["ingested/one_row_in_cleaned"] = ["stranger"]
    records[84]["source"] = None
    expected["ingested/source_not_null"] = r(84)
    rows["counted"] = {**rows["counts"](rows), "ingest": {"records": 120, "rejects": 4}}
    rows["counted"]["split"]["train"] += 1
    expected |= {f"{suite}/counts_add_up": [] for suite in ("ingested", "selected", "split")}
    return expected


LONG = {
    "question": "بنتي تعاني من حكة وبقع حمراء خلف الركبتين بعد السباحة في المسبح وجربت كريم مرطب ولم تتحسن فما السبب وما العلاج المناسب",
    "answer": "هذه اكزيما تماسية من الكلور في ماء المسبح استخدمي مرهما مرطبا بعد الاستحمام مباشرة وتجنبي الصابون المعطر لمدة اسبوعين",
}
TABLES = ("ingested", "cleaned", "quality", "scored", "duplicates", "selected", "split")


def spoil(rows):
    """Faults of tables as a whole. Returns the checks that have to fail, with the places that they name."""
    for i, row in enumerate(rows["split"]):
        held_out = row["split"] == "test"
        label, level = ("EGY", "critical") if held_out else ("MSA", "mild")
        rows["dialect"][i] |= {"dialect": label, "p_egy": 0.01, "p_msa": 0.01, f"p_{label.lower()}": 0.94}
        rows["severity"][i] |= {"severity": level, **{f"p_{n}": 0.98 if n == level else 0.01 for n in ("mild", "moderate", "critical")}}
        rows["quality"][i] |= {"question_letters": 17, "answer_letters": 21}
        row["split"] = {"validation": "test"}.get(row["split"], row["split"])
    for side, text in LONG.items():
        for i in (10, 33):  # test and train
            rows["records"][i][f"{side}_raw"] = rows["cleaned"][i][side] = rows["cleaned"][i][f"{side}_key"] = text
    for hand_over in ("quality", "dialect", "severity"):
        rows[hand_over][5][f"{hand_over}_scorer"] = "another"
    rows["selected"] = rows["join"](rows)
    for hand_over, found in rows.items():
        if isinstance(found, list) and hand_over != "rejects":
            found += [{**found[0], "record_id": None}, dict(found[1])]
    no_place = [f"{suite}/{name}" for suite in TABLES for name in ("record_id_not_null", "record_id_unique")]
    no_place += [f"ingested/one_row_in_{n}" for n in ("cleaned", "quality", "dialect", "severity", "duplicates", "selection")]
    no_place += ["quality/one_scorer", "scored/one_dialect_scorer", "scored/one_severity_scorer", "selected/enough_moderate"]
    no_place += ["split/rows_of_validation", "split/question_not_in_train", "split/answer_not_in_train"]
    return {name: {} for name in no_place} | {
        "selected/median_question_letters": {"MSA": 17},
        "selected/median_answer_letters": {"MSA": 21},
        "split/split_shares": {"test": 0.2258},
        "split/severity_balance": {"test": 0.3469},
        "split/dialect_balance": {"test": 0.3469},
        "split/severities_in_splits": {"test": 2, "train": 1},
    }


def release(rows, folder):
    """A version that differs from the hand-overs in all that drift is measured of: `annotations/test.parquet` under `folder`."""
    flat = {f"p_{n}": 0.1 for n in ("egy", "lev", "glf", "irq", "mgr", "arabizi")} | {"p_msa": 0.4}
    moved = {"source": "forum", "dialect": "LEV", "severity": "critical", "p_critical": 0.5, "arabic_share": 0.5, **flat}
    released = [{"record_id": f"r{i:06d}", **moved, "question_letters": i, "answer_letters": i} for i in range(len(rows["records"]) + 30)]
    (folder / "annotations").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(released), folder / "annotations/test.parquet")
