"""Pages go out without the indentation of their templates; text that is no HTML stays as it is written."""

from django.template import engines

TEXT = "{% if it %}\n    Dear Councillor\n\n      {{ it }}\n{% endif %}"


def test_indentation_goes_from_html_alone(tmp_path, settings):
    engine = engines["django"].engine
    (loader, _) = engine.template_loaders[0].loaders
    for name in ("page.html", "letter.txt"):
        (tmp_path / name).write_text(TEXT)
    loader.dirs, dirs = [tmp_path], loader.dirs
    try:
        found = {name: engine.find_template(name)[0].source for name in ("page.html", "letter.txt")}
    finally:
        loader.dirs = dirs
        engine.template_loaders[0].reset()
    assert found == {"page.html": "{% if it %}\nDear Councillor\n\n{{ it }}\n{% endif %}", "letter.txt": TEXT}
