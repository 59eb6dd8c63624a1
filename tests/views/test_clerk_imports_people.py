"""A list of people uploaded, looked through and recorded by a clerk."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inquiries.models import Membership, Notification, PeopleImport, Person
from tests.cast import person

UPLOAD = "/clerk/people/import/"
LIST = "name,email,committee,role,from\nRhys Vaughan,rhys@wealdshire.example,Communities,chair,20/05/2026\n"


def file(text, name="people.csv"):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


@pytest.fixture
def upload(client, clerk, committee):
    """A function that uploads a list as the clerk and returns its import."""
    client.force_login(clerk)

    def upload(text, **names):
        response = client.post(UPLOAD, {"file": file(text, **names)})
        assert response.status_code == 302, response.context["form"].errors
        return PeopleImport.objects.get(pk=int(response.url.rstrip("/").rpartition("/")[2]))

    return upload


def address(kept):
    return reverse("clerk:people_import", args=[kept.pk])


def record(client, kept, **fields):
    seen = client.get(address(kept)).context["mark"]
    return client.post(address(kept), {"action": "record", "seen": seen} | fields)


def test_import_people(client, clerk, upload):
    kept = upload(LIST, name="new <members>.csv")
    page = client.get(UPLOAD).content.decode()
    assert "new &lt;members&gt;.csv" in page and address(kept) in page
    assert "At most 250 rows and 2 MB." in page
    assert "deleted after 30 days" in page


def test_people_template(client, clerk, upload):
    client.force_login(clerk)
    response = client.get("/clerk/people/import/template.csv")
    assert response["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert response.content.decode("utf-8-sig") == (
        '"name","email","job title","organisation","clerk","committee","role","from","until","portfolio"\r\n'
    )
    kept = upload(response.content + b"Tom,,,,,,,,,\r\n")
    assert client.get(address(kept)).context["unknown_columns"] == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04", "an Excel workbook"),
        (b"name\nTom\x00\n", "NUL"),
        (b"name\n" + b"x" * (2 * 1024 * 1024), "larger than 2 MB"),
        (b"name\n" + b"Tom\n" * 251, "more than 250 rows"),
        (b"first,second\na,b\n", "no column with the heading"),
    ],
)
def test_import_people_refuses_other_files(client, clerk, data, sentence):
    client.force_login(clerk)
    response = client.post(UPLOAD, {"file": file(data)})
    assert sentence in response.context["form"].errors["file"][0]
    assert 'href="#id_file"' in response.content.decode()
    assert not PeopleImport.objects.exists()


def test_import_people_without_a_file(client, clerk):
    client.force_login(clerk)
    assert client.post(UPLOAD).content.decode().count("Choose a CSV file") == 2


def test_people_import_shows_each_row(client, upload, officer):
    kept = upload(
        "name,email,job title,Shoe <size>\n"
        "<b>Rhys</b> Vaughan,rhys@wealdshire.example,=1+1,43\n"
        "Siân Llŷr-Ôwain,sian@wealdshire.example,Director,\n"
        "Siân Llŷr-Ôwain,sian@wealdshire.example,Director,\n"
        "Ann,ann at home,,\n"
    )
    page = client.get(address(kept)).content.decode()
    for text in (
        "&lt;b&gt;Rhys&lt;/b&gt; Vaughan",
        "These columns are not read: “Shoe &lt;size&gt;”.",
        "Job title: from “Head of Customer Access” to “Director”.",
        "“ann at home” is not an e-mail address.",
        "1 row with errors",
        "1 row about a new person",
        "1 row recorded like this already",
    ):
        assert text in page, text
    assert "<b>Rhys" not in page
    assert not Person.objects.filter(name__contains="Rhys").exists()


def test_people_import_records(client, upload, committee):
    kept = upload(LIST)
    response = record(client, kept, invite="on")
    page = client.get(response.url).content.decode()
    assert "Recorded: 1 new person." in page
    assert "This list has been recorded" in page and "rhys@" not in page
    assert Membership.objects.get(person__name="Rhys Vaughan").committee == committee
    assert [notification.occasion for notification in Notification.objects.all()] == ["invitation"]
    kept.refresh_from_db()
    assert kept.rows == []
    # A second click changes nothing.
    assert client.post(address(kept), {"action": "record"}).status_code == 200
    assert Person.objects.filter(name="Rhys Vaughan").count() == 1


def test_people_import_with_errors_is_not_recorded(client, upload):
    kept = upload(LIST + "Ann,ann at home,,,\n")
    page = client.get(address(kept)).content.decode()
    assert "Nothing can be recorded while a row has an error." in page and "Record these people" not in page
    assert "Some rows have errors" in record(client, kept).content.decode()
    assert list(Person.objects.filter(name__in=["Rhys Vaughan", "Ann"])) == []


def test_people_import_asks_who_is_meant(client, upload):
    gwen = person("Gwen Rees")
    kept = upload("name,email\nGwen Rees,gwen@wealdshire.example\n")
    response = record(client, kept)
    assert response.context["form"].errors["person-2"] == ["Say who Gwen Rees in line 2 is"]
    seen = response.context["mark"]
    chosen = {"action": "check", "seen": seen, "person-2": str(gwen.pk)}
    response = client.post(address(kept), chosen, follow=True)
    page = response.content.decode()
    assert "E-mail address added: “gwen@wealdshire.example”." in page
    assert f'value="{gwen.pk}" ' in page and "checked" in page
    gwen.refresh_from_db()
    assert gwen.email is None
    client.post(address(kept), chosen | {"action": "record", "seen": response.context["mark"]})
    gwen.refresh_from_db()
    assert gwen.email == "gwen@wealdshire.example"


def test_people_import_based_on_an_old_preview(client, upload, officer):
    kept = upload("name,email\nSiân Llŷr,sian@wealdshire.example\n")
    seen = client.get(address(kept)).context["mark"]
    Person.objects.filter(pk=officer.pk).update(name="Siân Owain")
    response = client.post(address(kept), {"action": "record", "seen": seen})
    assert response.status_code == 409
    page = response.content.decode()
    assert "What is recorded has changed since you opened this page" in page
    assert "Name: from “Siân Owain” to “Siân Llŷr”." in page
    client.post(address(kept), {"action": "record", "seen": response.context["mark"]})
    officer.refresh_from_db()
    assert officer.name == "Siân Llŷr"


def test_people_import_asks_about_somebody_recorded_since(client, upload):
    kept = upload(LIST)
    seen = client.get(address(kept)).context["mark"]
    person("Rhys Vaughan")
    response = client.post(address(kept), {"action": "record", "seen": seen})
    assert "Say first who is meant by Rhys Vaughan" in response.content.decode()
    record(client, kept, **{"person-2": "add"})
    assert Person.objects.filter(name="Rhys Vaughan").count() == 2


def test_people_import_without_changes(client, upload, officer):
    kept = upload("name,email\nSiân Llŷr-Ôwain,sian@wealdshire.example\n")
    assert "Record these people" not in client.get(address(kept)).content.decode()
    assert "There is nothing to record" in record(client, kept).content.decode()


def test_people_import_can_be_thrown_away(client, upload):
    kept = upload(LIST)
    response = client.post(address(kept), {"action": "forget"}, follow=True)
    assert "people.csv has been thrown away. Nothing was recorded." in response.content.decode()
    assert not PeopleImport.objects.exists()
    assert client.get(address(kept)).status_code == 404


def test_people_import_queries_do_not_grow(client, upload, django_assert_num_queries):
    rows = "".join(f"Person {n},p{n}@wealdshire.example,Communities,,20/05/2026\n" for n in range(50))
    one, many = upload(LIST), upload(LIST.partition("\n")[0] + "\n" + rows)
    with django_assert_num_queries(4):
        client.get(address(one))
    with django_assert_num_queries(4):
        client.get(address(many))


def test_people_import_requires_a_clerk(client, upload, officer, chair, stranger):
    kept = upload(LIST)
    client.logout()
    for where in (UPLOAD, address(kept), f"{UPLOAD}template.csv"):
        assert client.get(where).url == f"/accounts/login/?next={where}"
        for who in (officer, chair, stranger):
            client.force_login(who)
            assert client.get(where).status_code == 404
            assert client.post(where, {"action": "record"}).status_code == 404
        client.logout()
