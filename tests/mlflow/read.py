"""Reads an exported registry as MLflow does, first by its client, then from a running `mlflow ui`, and prints what it finds.

Arguments: the directory of the export. The variable MLFLOW_ALLOW_FILE_STORE must be true.
"""

import json
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

from mlflow.tracking import MlflowClient

store = pathlib.Path(sys.argv[1]).resolve().as_uri()


def seen(client):
    found = []
    for version in client.search_model_versions("name='silhouette'"):
        run = client.get_run(version.run_id)
        files = sorted(file.path for file in client.list_artifacts(version.run_id))
        found.append(dict(model=run.info.run_name, metrics=run.data.metrics, parameters=run.data.params, files=files,
                          tags=run.data.tags, version=str(version.version)))
    aliases = client.get_registered_model("silhouette").aliases
    return dict(aliases={alias: str(version) for alias, version in aliases.items()},
                models=sorted(found, key=lambda model: model["model"]))


by_client = seen(MlflowClient(store, store))
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen([sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", store, "--port", str(port), "--workers", "1"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
try:
    address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(address + "/health", timeout=5).read()
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
        try:
            server.wait(0.2)
            sys.exit("mlflow ui ended")
        except subprocess.TimeoutExpired:
            pass
    page = urllib.request.urlopen(address + "/", timeout=30).read().decode()
    client = MlflowClient(address, address)
    by_server = seen(client)
    card = pathlib.Path(client.download_artifacts(client.search_model_versions("name='silhouette'")[0].run_id, "card.md"))
    print(json.dumps(dict(by_client=by_client, by_server=by_server, page="mlflow" in page.lower(), card=card.read_text())))
finally:
    import os
    import signal
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(30)
