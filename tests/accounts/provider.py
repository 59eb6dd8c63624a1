"""A provider of identities as a council has one: idpyoidc, a real implementation, on this machine over HTTP.

`provider.people` says whom it knows; `provider.present` is who sits before it. Its page has two buttons, as such pages
have: go on, and cancel. `provider.spoil` changes its answers, for tests of providers that are wrong.
"""

import json
import threading
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from idpyoidc.server import Server
from idpyoidc.server.configure import OPConfiguration
from idpyoidc.server.exception import UnAuthorizedClient

from scrutiny.env import openid_providers

CLIENT, SECRET = "scrutiny", "a secret of at least thirty-two characters"
CALLBACK = "/accounts/oidc/council/login/callback/"
NAME = "your council account"
PAGE = """<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Wealdshire</title>
<link rel="icon" href="data:,"></head>
<body><main><h1>Wealdshire</h1><form method="get" action="/authorization">{fields}
<button name="choice" value="go">Go on as {who}</button>
<button name="choice" value="cancel">Cancel</button></form></main>
</body></html>"""
NO_MORE_THAN = 64_000


def _configuration(issuer):
    return {
        "issuer": issuer,
        "key_conf": {"key_defs": [{"type": "RSA", "use": ["sig"]}]},
        "preference": {
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email"],
            "claims_supported": ["sub", "name", "email", "email_verified", "amr"],
        },
        "session_params": {
            "encrypter": {"kwargs": {"keys": {"key_defs": [{"type": "OCT", "use": ["enc"], "kid": "password"}]}}},
            "sub_func": {"public": {"class": "idpyoidc.server.session.manager.PublicID", "kwargs": {"salt": "salt"}}},
        },
        "token_handler_args": {
            "code": {"lifetime": 600, "kwargs": {"crypt_conf": {"kwargs": {"keys": {"key_defs": _OCT}}}}},
            "token": {"lifetime": 3600, "kwargs": {"crypt_conf": {"kwargs": {"keys": {"key_defs": _OCT}}}}},
            "id_token": {
                "class": "idpyoidc.server.token.id_token.IDToken",
                "kwargs": {"base_claims": {"email": None, "email_verified": None, "amr": None}},
            },
        },
        "endpoint": {
            "provider_config": {
                "path": ".well-known/openid-configuration",
                "class": "idpyoidc.server.oidc.provider_config.ProviderConfiguration",
                "kwargs": {},
            },
            "authorization": {
                "path": "authorization",
                "class": "idpyoidc.server.oidc.authorization.Authorization",
                "kwargs": {"response_types_supported": ["code"]},
            },
            "token": {
                "path": "token",
                "class": "idpyoidc.server.oidc.token.Token",
                "kwargs": {"client_authn_method": ["client_secret_post"]},
            },
            "userinfo": {"path": "userinfo", "class": "idpyoidc.server.oidc.userinfo.UserInfo", "kwargs": {}},
        },
        "userinfo": {"class": "idpyoidc.server.user_info.UserInfo", "kwargs": {"db": {}}},
        "authentication": {
            "anonymous": {
                "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
                "class": "idpyoidc.server.user_authn.user.NoAuthn",
                "kwargs": {"user": ""},
            }
        },
        "add_on": {
            "pkce": {
                "function": "idpyoidc.server.oauth2.add_on.pkce.add_support",
                "kwargs": {"essential": True, "code_challenge_method": "S256"},
            }
        },
    }


_OCT = [{"type": "OCT", "use": ["enc"], "kid": "password"}, {"type": "OCT", "use": ["enc"], "kid": "salt"}]


class Provider:
    """The provider; `address` is its issuer. Used as `with running() as provider`."""

    def __init__(self, port):
        self.address = f"http://localhost:{port}"
        self.present = ""
        self.spoil = {}
        self.asked = []
        self.server = Server(OPConfiguration(_configuration(self.address), base_path="."))
        self.people = self.server.context.userinfo.db
        self.keys = self.server.context.provider_info.pop("jwks")
        self.server.context.provider_info["jwks_uri"] = f"{self.address}/jwks.json"

    def knows(self, key, **claims):
        """Somebody with these claims, who now sits before it."""
        self.people[key] = {"sub": key, **claims}
        self.present = key

    def serves(self, site):
        """Tell the provider where our application is."""
        self.server.context.cdb[CLIENT] = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uris": [(f"{site}{CALLBACK}", {})],
            "client_salt": "salted",
            "token_endpoint_auth_method": "client_secret_post",
            "response_types_supported": ["code"],
            "allowed_scopes": ["openid", "profile", "email"],
        }
        self.server.keyjar.add_symmetric(CLIENT, SECRET, ["sig"])

    def settings(self, **further):
        """What the settings of our application say of it."""
        return openid_providers(server=self.address, client_id=CLIENT, client_secret=SECRET, name=NAME, **further)

    def allow(self, settings, **flags):
        """Have our application, under test, use it."""
        settings.SOCIALACCOUNT_PROVIDERS = self.settings()
        settings.OIDC_SERVER = self.address
        for name, value in flags.items():
            setattr(settings, name, value)
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        actions = [*directives["form-action"], self.address]
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**directives, "form-action": actions}}

    def answer(self, name, query, headers):
        """What one of its endpoints answers to `query`: (status, headers, text)."""
        endpoint = self.server.get_endpoint(name)
        self.server.context.authn_broker.db["anonymous"]["method"].user = self.present
        try:
            asked = endpoint.parse_request(query, http_info={"headers": headers})
        except UnAuthorizedClient:
            return 401, [("Content-Type", "application/json")], json.dumps({"error": "invalid_client"})
        if "error" in asked:
            return 400, [("Content-Type", "application/json")], asked.to_json()
        done = endpoint.process_request(asked)
        if "error" in done:
            return 400, [("Content-Type", "application/json")], json.dumps(done.to_dict())
        said = endpoint.do_response(request=asked, **done)
        if "location" in said or name == "authorization":
            return 302, [("Location", said.get("location") or said["response"])], ""
        return 200, said["http_headers"], said["response"]


def _handler(provider):
    class Handler(BaseHTTPRequestHandler):
        """HTTP before the provider: one thread for each request."""

        def do_GET(self):
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            provider.asked.append((parts.path, query))
            if parts.path == "/.well-known/openid-configuration":
                self._say(*provider.answer("provider_config", {}, {}))
            elif parts.path == "/jwks.json":
                self._say(200, [("Content-Type", "application/json")], json.dumps(provider.keys))
            elif parts.path == "/userinfo":
                self._say(*provider.answer("userinfo", {}, {"authorization": self.headers["Authorization"]}))
            elif parts.path == "/authorization":
                self._authorize(query)
            else:
                self._say(404, [], "")

        def do_POST(self):
            body = self.rfile.read(min(int(self.headers["Content-Length"]), NO_MORE_THAN)).decode()
            query = dict(parse_qsl(body))
            provider.asked.append((self.path, query))
            self._say(*provider.answer("token", query, {}))

        def _authorize(self, query):
            choice = query.pop("choice", None)
            if choice == "go":
                self._say(*provider.answer("authorization", query, {}))
            elif choice == "cancel":
                back = urlencode({"error": "access_denied", "state": query["state"]})
                self._say(302, [("Location", f"{query['redirect_uri']}?{back}")], "")
            else:
                fields = "".join(
                    f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
                    for name, value in query.items()
                )
                page = PAGE.format(fields=fields, who=escape(provider.present))
                self._say(200, [("Content-Type", "text/html; charset=utf-8")], page)

        def _say(self, status, headers, text):
            name = urlsplit(self.path).path.rpartition("/")[2]
            if name in provider.spoil:
                status, headers, text = provider.spoil[name](status, headers, text)
            body = text.encode()
            self.send_response(status)
            for header, value in [*headers, ("Content-Length", str(len(body)))]:
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            """Nothing: what was asked is in provider.asked."""

    return Handler


@contextmanager
def running():
    """A provider that answers on this machine until the block ends."""
    listener = ThreadingHTTPServer(("localhost", 0), BaseHTTPRequestHandler)
    provider = Provider(listener.server_port)
    listener.RequestHandlerClass = _handler(provider)
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
