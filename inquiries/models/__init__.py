"""The records, in the order of the story.

A Committee (with its Memberships) holds an Inquiry and makes numbered Recommendations. Cabinet gives a Response to one
or more of them, led by an officer, sometimes with a target date that changes (TargetDateChange); a ResponseLetter asks
for one that does not come. Six, twelve or more months on a ProgressReport collects one ProgressUpdate for each open
response, with its contributors, Evidence and each EvidenceFile; an officer's MoreTimeRequest puts off what they write.
Cabinet Members give their SignOff. What is published is kept as a ReportEdition and is put on a Meeting's agenda
(AgendaItem, AgendaDocument), whose deadlines pass over each Holiday. A PackPlan says how its agenda pack is built; an
AgendaPack is a build, with a PackEntry for each item and a PackPaper for each paper; a TickedFinding is what a clerk
has looked at. An OfficerReport is written for an item, by its author and each OfficerReportContributor, perhaps with an
OfficerReportPicture; with the last OfficerReportSignature it becomes a paper of the item. A committee's work programme
has ProgrammeEntries; a StandingItem is on each of its agendas. Members note an Indication; the Assessment of the
committee closes a row or lets it come back, an AssessmentCorrection says what it had been, an ActionPoint what it asks
for, a ShownRow what the screen of a meeting shows. Of a meeting that was held the Minutes say when, each Attendance and
DeclarationOfInterest who was there, an ItemOutcome what was decided; a MinutesEdition is what was published of them,
SignedMinutes are what the chair signed. Every action writes an Entry of history, which the database marks with a Seal,
and perhaps a Notification. A Draft is what a person has typed and not saved. A ReportImport is a Word file on its way
in, a PeopleImport a list of people, a TrackerImport a spreadsheet, whose columns are remembered as a ColumnMatching; a
PersonalValue is what history shows of a person until they are erased. CouncilSettings are what a council settles for
itself, a MailWording how it words an e-mail. A TrackerRow is what the tracker shows of a recommendation; the database
works it out. A Restoration is a backup that was restored. A FormerCouncil is one whose archive has been imported, a
FormerFile a file of it.

A queryset's method and the property of the same meaning (`open` and `is_open`) answer alike; a test compares them.
"""

from inquiries.models.action_points import ActionPoint
from inquiries.models.council_settings import CouncilSettings, MailWording
from inquiries.models.evidence_files import EvidenceFile
from inquiries.models.former_councils import FormerCouncil, FormerFile
from inquiries.models.history import Entry, Seal
from inquiries.models.imports import ColumnMatching, PeopleImport, ReportImport, TrackerImport
from inquiries.models.inquiries import Inquiry, Recommendation, Response, ResponseLetter, TargetDateChange
from inquiries.models.meetings import AgendaDocument, AgendaItem, Holiday, Meeting
from inquiries.models.minutes import (
    Attendance,
    DeclarationOfInterest,
    ItemOutcome,
    Minutes,
    MinutesEdition,
    SignedMinutes,
)
from inquiries.models.more_time import MoreTimeRequest
from inquiries.models.notifications import Notification
from inquiries.models.officer_reports import (
    OfficerReport,
    OfficerReportContributor,
    OfficerReportPicture,
    OfficerReportSignature,
)
from inquiries.models.packs import AgendaPack, Clearance, PackEntry, PackPaper, PackPlan, TickedFinding
from inquiries.models.people import CabinetMember, Committee, Draft, Membership, Person, PersonalValue
from inquiries.models.programme import ProgrammeEntry, StandingItem
from inquiries.models.progress import (
    Assessment,
    Evidence,
    Indication,
    ProgressReport,
    ProgressUpdate,
    ReportEdition,
    SignOff,
    UpdateContributor,
)
from inquiries.models.restorations import Restoration
from inquiries.models.room import AssessmentCorrection, ShownRow
from inquiries.models.tracker import TrackerRow
