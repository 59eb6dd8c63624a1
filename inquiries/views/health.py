"""/healthz, whether this process is alive, and /readyz, whether it can do its work: for machines, in plain text."""

from django.http import HttpResponse

from inquiries.health import find_faults


class HealthMiddleware:
    """It comes before the check of the host name and the redirect to HTTPS, since a load balancer or a container
    engine asks under whatever name it has for this process."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == "/readyz":
            return ready()
        return self.get_response(request)


def ready():
    faults, warnings = find_faults()
    lines = ["not ready" if faults else "ready", *faults, *(f"Warning: {warning}" for warning in warnings)]
    text = "".join(f"{line}\n" for line in lines)
    response = HttpResponse(text, content_type="text/plain", status=503 if faults else 200)
    # Anyone who asks knows what it is about; Django would write a line each time.
    response._has_been_logged = True
    return response
