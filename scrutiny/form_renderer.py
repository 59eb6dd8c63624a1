"""Writes the plain widgets of forms (inputs, text areas, lists) as Django's templates do, in a tenth of the time.

A page with forty forms has hundreds of them, and each template renders two others. Any other widget has its template.
"""

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe

FOLDER = "django/forms/widgets/"
INPUTS = {
    f"{FOLDER}{name}.html"
    for name in (
        *("input", "text", "hidden", "number", "email", "url", "password", "date", "datetime", "time", "file"),
        *("checkbox", "search", "tel", "color", "input_option", "radio_option", "checkbox_option"),
    )
}
OPTION = f"{FOLDER}select_option.html"


class FormRenderer(DjangoTemplates):
    def render(self, template_name, context, request=None):
        widget = context.get("widget")
        if template_name in INPUTS and not widget.get("wrap_label"):
            return input_tag(widget)
        if template_name == f"{FOLDER}textarea.html":
            value = widget["value"] or ""
            return format_html('<textarea name="{}"{}>\n{}</textarea>', widget["name"], attributes(widget), value)
        if template_name == f"{FOLDER}select.html":
            options = [option for _, group, _ in widget["optgroups"] for option in group]
            is_flat = not any(name for name, _, _ in widget["optgroups"])
            if is_flat and all(option["template_name"] == OPTION for option in options):
                return select_tag(widget, options)
        return super().render(template_name, context, request)


def attributes(widget):
    shown = [
        f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
        for name, value in widget["attrs"].items()
        if value is not False
    ]
    return mark_safe("".join(shown))  # noqa: S308 (each value is escaped)


def input_tag(widget):
    value = widget.get("value")
    shown = "" if value is None else format_html(' value="{}"', str(value))
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], shown, attributes(widget))


def select_tag(widget, options):
    form = '\n  <option value="{}"{}>{}</option>\n'
    lines = [format_html(form, str(one["value"]), attributes(one), one["label"]) for one in options]
    inside = mark_safe("".join(lines))  # noqa: S308 (each line is escaped)
    return format_html('<select name="{}"{}>{}\n</select>', widget["name"], attributes(widget), inside)
