"""What each rule of code.yaml refuses, and what it lets pass: the comment above a line says
which. Nothing here is run; ``make semgrep`` has the rules find these lines.
"""


# ---- no-address-from-the-request


def where(request, environ, url_for):
    # ruleid: no-address-from-the-request
    link = f"https://{request.host}/v1/claims"
    # ruleid: no-address-from-the-request
    link = request.url
    # ruleid: no-address-from-the-request
    link = request.url_root + "v1"
    # ruleid: no-address-from-the-request
    link = request.headers["Host"]
    # ruleid: no-address-from-the-request
    link = request.headers.get("X-Forwarded-Proto", "http")
    # ruleid: no-address-from-the-request
    link = environ["HTTP_HOST"]
    # ruleid: no-address-from-the-request
    link = environ.get("SERVER_NAME")
    # ruleid: no-address-from-the-request
    link = url_for("claims", _external=True)
    # ok: no-address-from-the-request
    link = request.path
    # ok: no-address-from-the-request
    link = request.headers.get("If-None-Match")
    # ok: no-address-from-the-request
    return link, environ["QUERY_STRING"]


# ---- no-file-named-by-a-request


@api.route("/files/<name>")
def file_of_the_path(name):
    # ruleid: no-file-named-by-a-request
    return open("/srv/" + name).read()


@api.route("/files")
def file_of_the_query():
    wanted = request.args["file"]
    # ruleid: no-file-named-by-a-request
    return (FOLDER / Path(wanted)).read_bytes()


def file_of_the_environment(environ):
    # ruleid: no-file-named-by-a-request
    return os.open(environ["PATH_INFO"], os.O_RDONLY)


@api.route("/assets/<name>")
def known_file(name):
    # ok: no-file-named-by-a-request
    return assets()[name]


def data_file():
    # ok: no-file-named-by-a-request
    return open("claims.json")


# ---- no-flask-file-serving


def sent(name):
    from flask import send_file, send_from_directory

    # ruleid: no-flask-file-serving
    send_file(name)
    # ruleid: no-flask-file-serving
    send_from_directory("static", name)
    # ruleid: no-flask-file-serving
    current_app.send_static_file(name)
    # ok: no-flask-file-serving
    return replies.asset(name)


# ---- no-code-from-data

# ruleid: no-code-from-data
import pickle

# ruleid: no-code-from-data
from marshal import loads


def run(text):
    # ruleid: no-code-from-data
    eval(text)
    # ruleid: no-code-from-data
    exec(text)
    # ok: no-code-from-data
    re.compile(text)
    # ok: no-code-from-data
    return json.loads(text)


# ---- no-yaml-that-makes-objects


def contract(text):
    import yaml

    # ruleid: no-yaml-that-makes-objects
    yaml.load(text, Loader=yaml.Loader)
    # ruleid: no-yaml-that-makes-objects
    yaml.load(text, Loader=yaml.FullLoader)
    # ruleid: no-yaml-that-makes-objects
    yaml.unsafe_load(text)
    # ok: no-yaml-that-makes-objects
    yaml.load(text, Loader=yaml.CSafeLoader)
    # ok: no-yaml-that-makes-objects
    return yaml.safe_load(text)


def contract_by_the_quick_reader(text):
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # ok: no-yaml-that-makes-objects
    found = yaml.load(text, Loader=loader)
    return found


def contract_by_another_reader(text, loader):
    import yaml

    # ruleid: no-yaml-that-makes-objects
    found = yaml.load(text, Loader=loader)
    return found


# ---- no-shell


def started(name):
    import os

    # ruleid: no-shell
    subprocess.run(f"ls {name}", shell=True)
    # ruleid: no-shell
    os.system(f"ls {name}")
    # ok: no-shell
    return subprocess.run(["ls", name], check=False)


# ---- no-program-started-by-the-service

# ruleid: no-program-started-by-the-service
import subprocess


def become(command):
    import os
    import sys

    # ruleid: no-program-started-by-the-service
    os.execvp(command[0], command)
    # ruleid: no-program-started-by-the-service
    os.fork()
    # ok: no-program-started-by-the-service
    os.execv(sys.executable, command)


# ---- no-text-past-the-escaping


def page(text):
    from jinja2 import Environment
    from markupsafe import Markup

    # ruleid: no-text-past-the-escaping
    shown = Markup(text)
    # ruleid: no-text-past-the-escaping
    environment = Environment(loader=None)
    # ruleid: no-text-past-the-escaping
    environment = Environment(loader=None, autoescape=False)
    # ok: no-text-past-the-escaping
    environment = Environment(loader=None, autoescape=True)
    # ruleid: no-text-past-the-escaping
    environment.from_string(text)
    # ok: no-text-past-the-escaping
    return environment.get_template("page.html").render(shown=shown)


# ---- no-exception-text-to-clients


def caught():
    try:
        return answer()
    except ValueError as error:
        # ok: no-exception-text-to-clients
        _log.error("failed: %s", str(error))
        # ruleid: no-exception-text-to-clients
        return problem("internal-error", str(error))


def caught_in_a_sentence():
    try:
        return answer()
    except ValueError as error:
        detail = f"It failed: {error}"
        # ruleid: no-exception-text-to-clients
        return Response(detail, status=500)


def handled(error: Exception) -> Response:
    # ruleid: no-exception-text-to-clients
    return problem("internal-error", f"It failed: {error}")


def described(error: HTTPException) -> Response:
    # ruleid: no-exception-text-to-clients
    return problem("bad-request", error.description)


def traced():
    # ruleid: no-exception-text-to-clients
    return Response(traceback.format_exc())


def told(error: Exception) -> Response:
    # ok: no-exception-text-to-clients
    return problem("internal-error", "The service failed.")


# ---- no-print-in-the-service


def say(out, text):
    # ruleid: no-print-in-the-service
    print(text)
    # ok: no-print-in-the-service
    out.print(text)


# ---- no-debugger


def serve(app):
    # ruleid: no-debugger
    app.run(debug=True)
    # ruleid: no-debugger
    app.debug = True
    # ruleid: no-debugger
    breakpoint()
    # ok: no-debugger
    app.register_blueprint(api)


# ---- no-state-of-a-client


def remember(app, request, response):
    # ruleid: no-state-of-a-client
    response.set_cookie("seen", "yes")
    # ruleid: no-state-of-a-client
    app.secret_key = b"0"
    # ruleid: no-state-of-a-client
    request.cookies.get("seen")
    # ok: no-state-of-a-client
    return request.args.get("seen")


# ---- no-clock-in-the-data


def now():
    import datetime as dt
    import time

    # ruleid: no-clock-in-the-data
    dt.datetime.now(dt.UTC)
    # ruleid: no-clock-in-the-data
    dt.date.today()
    # ruleid: no-clock-in-the-data
    time.time()
    # ok: no-clock-in-the-data
    time.monotonic()
    # ok: no-clock-in-the-data
    return dt.date.fromisoformat("2022-12-26")


# ---- no-query-language-of-the-engine


def search(index, text):
    from tantivy import Query

    # ruleid: no-query-language-of-the-engine
    index.parse_query(text)
    # ruleid: no-query-language-of-the-engine
    Query.regex_query(index.schema, "text", text)
    # ok: no-query-language-of-the-engine
    return Query.term_query(index.schema, "text", text)


# ---- no-unverified-peer


def ask(session, address):
    # ruleid: no-unverified-peer
    session.get(address, verify=False)
    # ruleid: no-unverified-peer
    session.verify = False
    # ok: no-unverified-peer
    return session.get(address)
