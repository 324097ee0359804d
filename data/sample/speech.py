"""speech: what the members of the groups write, and the sentences that carry personal data."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import people
from noise import asked_again, encodes, noisy, with_emoji
from people import Account, Text

Seed = dict[str, Any]
OPENS = re.compile(
    "(?i)^(السلام|سلام|مرحبا|مساء|مسا |صباح|يا دك|يا جماع|دكتور|بنات|خوات|عافا|الله ي|لو سمح|هلو|شلون|يعطيك|تحية|هلا|"
    "salam|marhaba|hi |sba7|mesa2|slm)"
)
ASKS_REPLY = re.compile("ضروري|جزاك|افيدون|أفيدون|ردوا|جاوبون|yrod|Jawb")
ASKS = re.compile(
    "(?i)دكتور|دكاتر|سؤال|استفس|جاوب|لو سمح|أرجو|ابي|بغيت|حد |الادمن|عندي|لدي|تكون|النشر|law|so2al|doctor|dr"
)
FOR_SICK = re.compile("مريض|mareed")


@dataclass(frozen=True)
class Place:
    """Where a post stands: what its file allows, and whom one meets there."""

    file: str
    dialect: str | None  # what most members write; None: whatever the post is in
    table: bool = False
    encoding: str | None = None
    lines: bool = True  # whether a text may hold line breaks


@dataclass(frozen=True)
class Writer:
    """Who writes, in which dialect and, where a dialect spans countries, from which one."""

    dialect: str
    region: str | None
    account: Account


class Village:
    """The people and the words of all dialects. One random generator: the order of calls is part of the recipe."""

    def __init__(self, rng: random.Random, written: dict[str, Any], extras: dict[str, Any]):
        self.rng, self.written, self.extras = rng, written, extras
        self.women: list[str] = extras["women"]
        self._doctors = {dialect: self._make_doctors(dialect) for dialect in written}

    def _make_doctors(self, dialect: str) -> list[Account]:
        prefixes = ["", "Dr. ", "Dr "] if dialect == "arabizi" else ["", "د. ", "د/ ", "دكتور ", "Dr. "]
        accounts = []
        for name in self.written[dialect]["names"]["doctors"]:
            woman = people.split_name(name)[0] in self.women
            prefix = self.rng.choice(prefixes).replace("دكتور ", "دكتورة " if woman else "دكتور ")
            accounts.append(Account(prefix + name, name, woman, people.native_id(self.rng)))
        return accounts

    def names(self, dialect: str, region: str | None, role: str) -> list[str]:
        """The written names of patients or doctors; in Arabizi those of the region."""
        names: list[str] = self.written[dialect]["names"][role]
        return names[people.LATIN_NAMES[region]] if dialect == "arabizi" and region else names

    def member(self, dialect: str, region: str | None = None, woman: bool | None = None) -> Account:
        """Somebody new in the group."""
        names = self.names(dialect, region, "patients")
        if dialect != "arabizi":
            names = names + self.names(dialect, region, "doctors")
        name, is_woman = people.account_name(self.rng, names, self.women, woman)
        return Account(name, name, is_woman, people.native_id(self.rng))

    def doctor(self, dialect: str, region: str | None) -> Account:
        """One of the few who answer many posts."""
        accounts = self._doctors[dialect]
        return self.rng.choice(accounts[people.LATIN_NAMES[region]] if dialect == "arabizi" and region else accounts)

    def line(self, dialect: str, lines: list[str], region: str | None, woman: bool | None = None) -> str:
        """One of the lines that this person can say."""
        regional = [x for x in lines if people.suits(x, region)] or lines
        return self.rng.choice([x for x in regional if people.said_by(x, woman)] or regional)

    # sentences with slots

    def fill(self, sentence: str, writer: Writer, role: str, question: str = "") -> Text:
        """The sentence with its slots filled. `role` of the writer: member, doctor or shop."""
        country = self._country(writer)
        text = Text()
        for piece in re.split(r"(\{\w+\})", sentence):
            if not piece.startswith("{"):
                text.add(piece)
            elif piece == "{phone}":
                arabic_digits = writer.dialect not in ("MGR", "arabizi")
                before, number, after = people.phone(self.rng, country, arabic_digits)
                text.add(before).add_slot("PHONE", number).add(after)
            elif piece == "{email}":
                text.add_slot("EMAIL", people.email(self.rng, self.extras, role))
            elif piece == "{link}":
                text.add_slot("LINK", people.link(self.rng, self.extras, country, role))
            elif piece == "{handle}":
                text.add_slot("HANDLE", people.handle(self.rng, self.extras, role))
            elif piece == "{doctor}":
                text.add_slot("NAME", self._doctor_named(sentence, writer, role))
            else:
                text.add_slot("NAME", self._patient_named(sentence, writer, role, question))
        return text

    def _country(self, writer: Writer) -> str:
        if writer.region in people.PHONES:
            return writer.region
        countries = people.REGION_OF.get(writer.dialect) or people.REGION_OF.get(writer.region or "")
        return self.rng.choice(countries or sorted(people.PHONES))

    def _doctor_named(self, sentence: str, writer: Writer, role: str) -> str:
        if role == "doctor" and not people.REFERS.search(sentence):
            return writer.account.person
        names = self.names(writer.dialect, writer.region, "doctors")
        return people.account_name(self.rng, names, self.women, "دكتورة" in sentence)[0]

    def _patient_named(self, sentence: str, writer: Writer, role: str, question: str) -> str:
        if re.search("بنتي|اسمها|المريضة|Smitha", sentence):
            woman: bool | None = True
        elif re.search("اسمه |المريض ", sentence):
            woman = False
        elif re.search("ام {", sentence):
            woman = bool(people.DAUGHTER.search(question))
        elif re.search("اسمي|esmi", sentence) or not (people.HER.search(question) or people.HIM.search(question)):
            return writer.account.person
        else:
            woman = bool(people.HER.search(question))
        names = self.names(writer.dialect, writer.region, "patients")
        name = people.account_name(self.rng, names, self.women, woman)[0]
        alone = re.search("بنتي|ام {", sentence) and self.rng.random() < 0.6
        return people.split_name(name)[0] if alone else name

    def personal(self, writer: Writer, role: str, question: str, seed: Seed) -> Text | None:
        """A sentence with personal data that fits question and writer, a member or a doctor; None when none does."""
        where = "answer" if role == "doctor" else "question"
        entries = [p["text"] for p in self.written[writer.dialect]["personal"] if p["where"] == where]
        entries = [s for s in entries if people.suits(s, writer.region) and people.fits(s, question)]
        if role == "doctor":
            entries = [s for s in entries if people.signs(s, writer.account.woman, seed["specialty"])]
        else:
            entries = [s for s in entries if people.said_by(s, people.woman_writes(question))]
            if seed["severity"] == "critical":  # who has an hour does not tell of appointments
                entries = [s for s in entries if "{doctor}" not in s]
        if not entries:
            return None
        kind = self.rng.choice(sorted({slot for s in entries for slot in re.findall(r"\{\w+\}", s)}))
        return self.fill(self.rng.choice([s for s in entries if kind in s]), writer, role, question)

    # texts

    def question(self, seed: Seed, asking: str, place: Place, writer: Writer, again: bool, picture: str = "") -> Text:
        """A written question as somebody posts it: greeting, noise, personal data, plea, emoji, hashtag."""
        rng, dialect = self.rng, writer.dialect
        plain: str = seed[asking]
        text = Text()
        if not OPENS.match(plain):
            text.add(self._greeting(writer, place, people.woman_writes(plain)))
        text.add(asked_again(rng, plain, dialect) if again else noisy(rng, plain, dialect, 0.4 if place.table else 1.0))
        if picture:
            text.add(self._joint(place, text.text) + picture)
        if rng.random() < 0.25 and (extra := self.personal(writer, "member", plain, seed)):
            text.add(self._joint(place, text.text)).add(extra)
        if not ASKS_REPLY.search(plain[-40:]) and rng.random() < (0.35 if place.table else 0.48):
            closing = self.line(dialect, self.written[dialect]["closings"], writer.region, people.woman_writes(plain))
            text.add(self._joint(place, text.text) + noisy(rng, closing, dialect, 0.4))
        if not place.table:
            self._decorate(text, dialect, 0.22)
            if rng.random() < 0.06:
                tags = rng.sample(self.extras["hashtags"][seed["specialty"]], rng.choice([1, 2]))
                text.add(rng.choice([" ", "\n"]) + " ".join(tags))
        return self._that_fits(text, place, lambda: self.question(seed, asking, place, writer, again, picture))

    def answer(self, seed: Seed, which: str, place: Place, question: str, doctor: Writer) -> Text:
        """A written answer as a doctor comments it, now and then signed."""
        rng = self.rng
        text = Text().add(noisy(rng, seed[which], doctor.dialect, 0.25))
        if rng.random() < 0.28 and (extra := self.personal(doctor, "doctor", question, seed)):
            text.add(self._joint(place, text.text)).add(extra)
        elif not place.table:
            self._decorate(text, doctor.dialect, 0.06, kind=True)
        return self._that_fits(text, place, lambda: self.answer(seed, which, place, question, doctor))

    def advertisement(self, dialect: str) -> Text:
        """One of the written advertisements with its slots filled."""
        writer = Writer(dialect, None, self.member(dialect))
        text = self.fill(self.rng.choice(self.written[dialect]["ads"]), writer, "shop")
        return self._decorate(text, dialect, 0.3, kind=True)

    def greeting_only(self, dialect: str) -> Text:
        """A wish for the day, a prayer for all who are ill."""
        rng, words = self.rng, self.written[dialect]
        line = rng.choice(self.extras["greeting_only"][dialect])
        for_all = [p for p in words["comments"]["prayer"] if FOR_SICK.search(p)]
        if for_all and rng.random() < 0.4:
            greetings = [g for g in words["greetings"] if OPENS.match(g) and not ASKS.search(g)]
            line = self.line(dialect, greetings, None) + rng.choice([" ", "\n"]) + rng.choice(for_all)
        return self._decorate(Text().add(noisy(rng, line, dialect, 0.5)), dialect, 0.5, kind=True)

    def leans_on_picture(self, dialect: str, region: str | None, place: Place) -> Text:
        """A post that says nearly nothing without its picture."""
        rng, words = self.rng, self.written[dialect]
        parts = [self.line(dialect, words["picture"], region)]
        if rng.random() < 0.6:
            parts.insert(0, self.line(dialect, words["greetings"], region))
        if rng.random() < 0.6:
            parts.append(self.line(dialect, words["closings"], region))
        text = rng.choice([" ", "\n" if place.lines else " ", " .. "]).join(parts)
        return self._decorate(Text().add(noisy(rng, text, dialect, 0.5)), dialect, 0.2)

    def _greeting(self, writer: Writer, place: Place, woman: bool | None) -> str:
        if self.rng.random() >= (0.45 if place.table else 0.58):
            return ""
        greeting = self.line(writer.dialect, self.written[writer.dialect]["greetings"], writer.region, woman)
        breaks = ["\n", "\n", "\n\n"] if place.lines else [". "]
        comma = ", " if writer.dialect == "arabizi" else "، "
        return noisy(self.rng, greeting, writer.dialect, 0.4) + self.rng.choice([" ", " ", comma, " .. ", *breaks])

    def _joint(self, place: Place, before: str) -> str:
        breaks = ["\n", "\n"] if place.lines else [" "]
        return self.rng.choice([" ", " ", *breaks] if before[-1:] in "؟?.!" else [". ", " .. ", " ", *breaks])

    def _decorate(self, text: Text, dialect: str, share: float, kind: bool = False) -> Text:
        emoji = with_emoji(self.rng, dialect, share, kind)
        if emoji and text.spans and text.spans[-1].end == len(text.text):
            emoji = " " + emoji.strip()  # a link would swallow it
        return text.add(emoji)

    def _that_fits(self, text: Text, place: Place, another: Callable[[], Text]) -> Text:
        """The text, or another where the file's code page has no room for it."""
        return another() if place.encoding and not encodes(text.text, place.encoding) else text
