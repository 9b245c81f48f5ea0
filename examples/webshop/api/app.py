import os

from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def healthz() -> str:
    return "ok " + os.environ.get("SHOP_VERSION", "")


app.run(host="0.0.0.0", port=8080)
