"""python -m lab.netbox --port 8001: the stand-in as a server of its own."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import threading

import uvicorn

from .app import App
from .auth import TOKEN_V1, TOKENS
from .service import Service, Settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lab.netbox", description="A stand-in for NetBox, for tests.")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one")
    parser.add_argument("--version", default="4.6.8", help="the version that it says it is")
    parser.add_argument("--realistic-time", action="store_true", help="take the time that NetBox takes")
    parser.add_argument("--no-graphql", action="store_true", help="as with GRAPHQL_ENABLED = False")
    parser.add_argument("--child", action="store_true", help="end when standard input is closed")
    arguments = parser.parse_args()
    settings = Settings(arguments.version, arguments.realistic_time, not arguments.no_graphql)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", arguments.port))
    listener.listen(128)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ready = {"url": url, "tokens": {**TOKENS, "v1": TOKEN_V1}, "pid": os.getpid()}
    print(json.dumps(ready), flush=True)
    if arguments.child:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    config = uvicorn.Config(
        App(Service(settings)), log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[listener])


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
