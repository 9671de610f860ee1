"""Runs every notebook of a folder at once, each in a kernel of its own, and prints what they print.

usage: run_notebooks.py FOLDER SCRATCH BINARY [URL KEY]
Ends badly when a cell does, when a notebook is committed with outputs, or when one draws no picture.
"""
import asyncio
import os
import pathlib
import sys

folder, scratch, binary = sys.argv[1:4]
# Nothing of the person who runs the tests: neither kernels, nor settings, nor a history.
for name in ["JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]:
    os.environ[name] = f"{scratch}/{name}"
os.environ["COURNOT_BINARY"] = binary
for name in ["COURNOT_URL", "COURNOT_KEY"]:
    os.environ.pop(name, None)
if len(sys.argv) > 4:
    os.environ["COURNOT_URL"], os.environ["COURNOT_KEY"] = sys.argv[4:6]
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

import nbformat  # noqa: E402 - reads the environment
from nbclient import NotebookClient  # noqa: E402


async def run(path):
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code), f"{path.name} is committed with outputs"
    await NotebookClient(book, timeout=120, resources={"metadata": {"path": folder}}).async_execute()
    outputs = [output for cell in code for output in cell.outputs]
    pictures = sum("image/png" in output.get("data", {}) for output in outputs)
    assert pictures > 0, f"{path.name} draws nothing"
    text = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    return f"# {path.name}: {pictures} pictures\n{text}"


async def main():
    paths = sorted(pathlib.Path(folder).glob("*.ipynb"))
    print("".join(await asyncio.gather(*map(run, paths))))


asyncio.run(main())
