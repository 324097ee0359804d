"""What the patterns of personal data find, and the doses, dates and sentences that they let pass."""

import duckdb
import pytest

from validators.personal_data import PERSONAL_DATA, SUSPECTS, no_personal_data, suspects

CASES = [
    ("email", "راسلني nour@example.com"),
    ("email", "راسلني nour @ example.co"),
    ("link", "انظر https://example.org/x"),
    ("link", "انظر www.noor.clinic"),
    ("link", "صفحتنا noor-clinic.com."),
    ("link", "واتس wa.me/2010"),
    ("handle", "حسابي @noor_1"),
    ("handle", "حسابي @نور_الدين"),
    ("phone", "رقمي 0501234567."),
    ("phone", "رقمي ٠٥٠١٢٣٤٥٦٧"),
    ("phone", "رقمي ۰۵۰۱۲۳۴۵۶۷"),
    ("phone", "+20 10 1234 5678"),
    ("phone", "00966 50 123 4567"),
    ("phone", "050-123-4567"),
    ("phone", "هاتف 501234567"),
    ("phone", "رقمي ０５０１２３４５６７"),
    (None, "خذ 1000 ملغ 3 مرات، الضغط 140/90 والسكر 110.5"),
    (None, "عمري 34 سنة والصفائح 250000 والهيموجلوبين 11,5"),
    (None, "بدأ يوم 05.06.2019 وتكرر 12/10/2020 و2021-03-04 و٠٥-٠٦-٢٠١٩"),
    (None, "النسبة 0.333333333 والوزن 80.5"),
    (None, "ana ta3bana.ma 3raft wach ndir"),
    (None, "الوقت 08:30 والجرعة 0.5 ملغ/كغ ثم 5mg/ml"),
    (None, "الخبر هنا https://… والسلام"),
    (None, "رقم الطلب 07550408-29e3-11ed-ada7-024212345678"),
    (None, "اتصل على [PHONE] أو [EMAIL]"),
    (None, ""),
    (None, None),
]


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_patterns(kind, text):
    con = duckdb.connect()
    con.execute("CREATE TABLE cleaned AS SELECT 'r1' AS record_id, ?::VARCHAR AS answer, NULL AS question", [text])
    con.execute("CREATE TABLE records AS SELECT 'r1' AS record_id, NULL AS question_raw, NULL AS answer_raw")
    con.execute("CREATE TABLE dialect AS SELECT 'r1' AS record_id, NULL AS question_msa, NULL AS answer_msa")
    con.execute(f"CREATE TABLE {SUSPECTS} AS {suspects()}")
    found = {
        name
        for name, check in zip(PERSONAL_DATA, no_personal_data("answer"), strict=True)
        if con.execute(check.test.replace("{batch}", "cleaned")).fetchall()
    }
    assert found == ({kind} if kind else set())
