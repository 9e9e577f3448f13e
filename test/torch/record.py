"""Evaluates the cases of cases.json with PyTorch in float64 and writes what it gives to recorded.json, or to a file that is named.

`npm run verify:torch -- --write` calls it.

Values are those of the case's expression; gradients are those of the sum of all outputs times fixed random weights.
"""

import json
import re
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from layers import LAYERS

HERE = Path(__file__).parent
FORM = re.compile(r"(scalar|[\w ]+?)( bool| fixed)?(?: below (\d+))?(?: in (\S+) to (\S+))?(?: of (.+))?")
STEPS = 4
ROWS = 2


def random_numbers(seed):
    """The numbers of test/oracle/random.ts: mulberry32."""
    state = seed

    def multiply(a, b):
        return a * b & 0xFFFFFFFF

    def draw():
        nonlocal state
        state = state + 0x6D2B79F5 & 0xFFFFFFFF
        t = multiply(state ^ state >> 15, state | 1)
        t ^= t + multiply(t ^ t >> 7, t | 61) & 0xFFFFFFFF
        return (t ^ t >> 14) / 2**32

    return draw


def seed_of(name):
    """A case's numbers depend on its name alone: 32-bit FNV-1a."""
    hashed = 0x811C9DC5
    for byte in name.encode():
        hashed = (hashed ^ byte) * 0x01000193 & 0xFFFFFFFF
    return hashed


def tensor_of(form, rows, draw):
    """A tensor as the table words it; floats want a gradient unless they are fixed."""
    match = FORM.fullmatch(form)
    if not match:
        raise ValueError(f"{form!r} does not say what a tensor is")
    axes, word, below, low, high, values = match.groups()
    is_bool = word == " bool"
    sizes = [] if axes == "scalar" else axes.split(" x ")
    shape = [rows if size == "batch" else int(size) for size in sizes]
    count = torch.Size(shape).numel()
    if values is not None:
        numbers = [float(word) for word in values.split()]
    elif is_bool:
        numbers = [draw() >= 0.5 for _ in range(count)]
    elif below is not None:
        numbers = [int(draw() * int(below)) for _ in range(count)]
    else:
        start, end = float(low or -2), float(high or 2)
        numbers = [start + (end - start) * draw() for _ in range(count)]
    dtype = torch.bool if is_bool else torch.float64 if below is None else torch.int64
    made = torch.tensor(numbers, dtype=dtype).reshape(shape)
    return made.requires_grad_(dtype == torch.float64 and word is None)


def slope(y, x):
    """The gradient of the sum of y as a value that has gradients itself."""
    return torch.autograd.grad(y.sum(), x, create_graph=True)[0]


NAMES = {"torch": torch, "F": F, "nn": nn, "slope": slope, **LAYERS}


def evaluate(expression, tensors):
    return eval(expression, {**NAMES, **tensors})


def numbers_of(tensor):
    flat = tensor.detach().reshape(-1).tolist()
    return [int(x) if x == int(x) and abs(x) < 1e9 else x for x in flat]


def record_function(name, case):
    draw = random_numbers(seed_of(name))
    rows = case.get("rows", ROWS)
    tensors = {key: tensor_of(form, rows, draw) for key, form in case["inputs"].items()}
    results = evaluate(case["torch"], tensors)
    results = list(results) if isinstance(results, (list, tuple)) else [results]
    recorded = {"outputs": [{"shape": list(y.shape), "values": numbers_of(y)} for y in results]}
    floats = {key: x for key, x in tensors.items() if x.requires_grad}
    total = torch.zeros((), dtype=torch.float64)
    for y in results:
        if y.is_floating_point():
            drawn = [draw() for _ in range(y.numel())]
            weights = [r - 1.5 if r < 0.5 else r + 0.5 for r in drawn]
            total = total + (y * torch.tensor(weights, dtype=torch.float64).reshape(y.shape)).sum()
    if any(y.is_floating_point() for y in results) and floats:
        found = [None] * len(floats)
        if total.requires_grad:
            found = torch.autograd.grad(total, list(floats.values()), allow_unused=True)
        zeros = {key: torch.zeros_like(x) for key, x in floats.items()}
        recorded["gradients"] = {
            key: numbers_of(zeros[key] if gradient is None else gradient) for key, gradient in zip(floats, found)
        }
    return recorded


def record_training(name, case):
    """Some steps, each with data of its own."""
    draw = random_numbers(seed_of(name))
    rows = case.get("rows", ROWS)
    parameters = {key: tensor_of(form, rows, draw) for key, form in case["parameters"].items()}
    states = {key: tensor_of(form, rows, draw).detach() for key, form in case.get("states", {}).items()}
    kept = {**parameters, **states}
    optimizer = evaluate(case["optimizer"], {**parameters, "p": list(parameters.values())})
    schedule = evaluate(case["schedule"], {"optimizer": optimizer}) if "schedule" in case else None
    recorded = {"losses": [], "kept": {key: [] for key in kept}}
    every = case.get("every", 1)
    for step in range(case.get("steps", STEPS)):
        data = {key: tensor_of(form, rows, draw).detach() for key, form in case["inputs"].items()}
        loss = evaluate(case["loss"], {**kept, **data})
        (loss / every).backward()
        if "clip" in case:
            evaluate(case["clip"], {**parameters, "p": list(parameters.values())})
        if (step + 1) % every == 0:
            optimizer.step()
            optimizer.zero_grad()
        if "after" in case:
            evaluate(case["after"], parameters)
        if schedule is not None:
            schedule.step()
        recorded["losses"] += numbers_of(loss)
        for key, value in kept.items():
            recorded["kept"][key].append(numbers_of(value))
    if "predict" in case:
        recorded["predict"] = numbers_of(evaluate(case["predict"], {**kept, **data}))
    return recorded


def record(table):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for family, cases in table["functions"].items():
        for name, case in cases.items():
            yield f"{family}/{name}", case, record_function
    for name, case in table["training"].items():
        yield f"training/{name}", case, record_training


def main():
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "recorded.json"
    table = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    lines = []
    failed = 0
    for name, case, evaluated in record(table):
        try:
            line = {"case": case, **evaluated(name, case)}
            lines.append(f"{json.dumps(name)}:{json.dumps(line, separators=(',', ':'), allow_nan=False)}")
        except Exception as error:
            failed += 1
            print(f"{name}: {error}", file=sys.stderr)
    text = ",\n".join([f'"version":{json.dumps(torch.__version__.split("+")[0])}', '"cases":{\n' + ",\n".join(lines) + "\n}"])
    target.write_text("{" + text + "}\n", encoding="utf-8")
    print(f"{len(lines)} cases, {target.stat().st_size} bytes")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
