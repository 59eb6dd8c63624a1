"""The words of the demonstration. County, people and figures are invented."""

PEOPLE = {
    # key: (name, job title, what the sign-in page says)
    "clerk": ("Carys Whitlock", "Scrutiny Officer"),
    "officer": ("Siân Llŷr-Ôwain", "Head of Customer Access"),
    "second_officer": ("Tom Okafor", "Finance Manager"),
    "third_officer": ("Bridget O'Hara", "Director of Communities"),
    "contributor": ("Priya Nair", "Crisis Support Team Manager"),
    "cabinet_member": ("Councillor Ruth Adeyemi", "Cabinet Member for Communities"),
    "second_cabinet_member": ("Councillor Desmond Achterberg", "Cabinet Member for Transport"),
    "chair": ("Councillor Harold Penrose", "Chair, Communities Select Committee"),
    "member": ("Councillor Anwen Pritchard", "Vice-chair, Communities Select Committee"),
    "second_member": ("Councillor Yusuf Karim", "Member, Communities Select Committee"),
    "third_member": ("Mrs Joan Tidewell", "Co-opted member, Communities Select Committee"),
}

# As an old paper named the contributor, and an import took it: without an e-mail address, to be merged.
IMPORTED = "P Nair"

CRISIS = {
    "title": "Help in a Crisis Inquiry",
    "summary": (
        "How people in Wealdshire who suddenly have no food, heat or roof find help, and how the council, its "
        "districts and the county's charities could give it faster.\n\n"
        "The committee heard from 14 people who had asked for help, from six food banks and from two credit unions."
    ),
    # (number, wording)
    "recommendations": (
        (
            "1a",
            "That the Crisis Support Team publishes one local telephone number beside the national one, and makes it "
            "known to partner agencies, district councils, every county councillor and the council's own services "
            "(particularly those for children and families).",
        ),
        (
            "1b",
            "That this number, and links to the agencies that can help, have a prominent place on the council's "
            "website.",
        ),
        (
            "1c",
            "That the team develops the idea of a “Wealdshire Helps” page, so that somebody in a crisis finds every "
            "emergency service in the county in one place.",
        ),
        (
            "2",
            "That the team and its partner agencies compare how they work, so that nobody has to tell the same story "
            "three times.",
        ),
        (
            "3a",
            "That the council hands out food vouchers itself where a household's need is immediate, and collects "
            "figures on the use of food banks every quarter in one place.",
        ),
        (
            "3b",
            "That the council opens a food store of its own in each of its five area offices.",
        ),
        ("4", "That the council writes to the Government about the waiting time for a first benefit payment."),
        (
            "5a",
            "That the council promotes credit unions actively, as a way of saving and as an alternative to payday "
            "loans.",
        ),
        (
            "5b",
            "That the team, with its partners, asks Corporate Communications for help with a communications plan "
            "aimed at the groups that are hardest to reach.",
        ),
        (
            "6",
            "That the council explores placing £50,000 of the crisis budget with the county's two credit unions, so "
            "that people can turn payday loans into loans they can manage.",
        ),
        ("7", "That the council's welfare helpline opens on Saturday mornings."),
        (
            "8",
            "That the council commits itself to the existing networks of partner agencies, and sees to it that mental "
            "health, social care and the Health and Wellbeing Board are represented at their meetings.",
        ),
        (
            "9",
            "That the council divides the crisis budget between three levels of support:\n\n"
            "1. immediate help, given by partner agencies under service level agreements;\n"
            "2. support to live independently, with continuing advice;\n"
            "3. preventive work, so that fewer people need the first two.",
        ),
    ),
    # (numbers, decision, response, reason, lead officer, target date in days from the start)
    "responses": (
        (
            ("1a", "1b"),
            "accepted",
            "The local number, 01632 960 014, can already be dialled. The team will promote it, and the leaflet and "
            "the website will be changed accordingly.",
            "",
            "officer",
            180,
        ),
        (
            ("1c",),
            "accepted",
            "The Wealdshire Partnership – an officers' group of the county, the districts and the larger charities – "
            "has a working party on welfare. The council will work through it to bring emergency help together, "
            "within existing resources.",
            "",
            "officer",
            300,
        ),
        (
            ("2",),
            "accepted",
            "The team works with several partners in this way already. Where a partner becomes a referring agency, "
            "duplication goes down. The practice will be extended to the whole county.",
            "",
            "officer",
            None,
        ),
        (
            ("3a",),
            "in_part",
            "The team refers people to the voucher scheme of the county's largest food-bank trust, and the "
            "out-of-hours service can see that anybody who qualifies has food the same day.\n\n"
            "It will collect quarterly figures from the food banks that are willing to give them.",
            "Vouchers of the council's own would double a scheme that works.",
            "officer",
            None,
        ),
        (
            ("3b",),
            "not_accepted",
            "",
            "Five food stores would cost about £310,000 a year and compete with the food banks for the same gifts. "
            "Cabinet would rather support those who do this well.",
            None,
            None,
        ),
        (
            ("5a",),
            "accepted",
            "The council promotes credit unions among its own staff. Cabinet recognises that the recommendation goes "
            "further, and that residents should hear of them wherever the council serves them.",
            "",
            "third_officer",
            240,
        ),
        (
            ("5b",),
            "accepted",
            "Cabinet supports a communications plan, if the means can be found, and will take it forward through the "
            "Wealdshire Partnership with the credit unions.",
            "",
            None,
            None,
        ),
        (
            ("6",),
            "in_principle",
            "Cabinet will look into supporting a loan scheme of the credit unions.",
            "It must first be clear what the change to the benefit system leaves in the crisis budget.",
            "second_officer",
            330,
        ),
        (
            ("7",),
            "accepted",
            "The helpline will open on Saturdays from nine until one, as a trial.",
            "",
            "officer",
            None,
        ),
        (
            ("8",),
            "accepted",
            "The council will go on supporting the Wealdshire Partnership, and will encourage closer links with the "
            "Health and Wellbeing Board.",
            "",
            None,
            None,
        ),
        (
            ("9",),
            "accepted",
            "The council agrees that partner agencies should give the first level of support, and will discuss this "
            "with them. The rest of the budget should stay with the team, so that it can follow the need.",
            "",
            "officer",
            None,
        ),
    ),
    # number: (update, officer's view, contributors, evidence, rating, comment)
    "interim": {
        "1a": (
            "Done, and in use.\n\nThe number for applications is 01632 960 014. It stands:\n\n"
            "- on the first page of www.wealdshire.example/help;\n"
            "- on this year's council tax bill;\n"
            "- on posters in all 38 libraries and children's centres.\n\n"
            "Applications by the new online form are being tried out with two partner agencies.",
            "complete",
            ("contributor",),
            (("The help page", "https://www.wealdshire.example/help"),),
            1,
            "The committee thanks the team: this was quick.",
        ),
        "1c": (
            "Links to emergency services are at www.wealdshire.example/help (Priya Nair).\n\n"
            "The working party is looking again at its own purpose after its June meeting. It remains the right place "
            "for this recommendation, and is likely to meet next in late November.",
            "some_concerns",
            (),
            (),
            2,
            "",
        ),
        "2": (
            "Every partner agency known to us has been told about the online form and has a direct address at the "
            "team. This works well.",
            "on_track",
            ("contributor",),
            (),
            2,
            "",
        ),
        "3a": (
            "The team now refers urgent applications straight to the out-of-hours service.\n\n"
            "With our support, Hart Valley Aid takes food parcels to the most vulnerable people in the villages. Four "
            "of the seven food banks have sent figures: 2,310 parcels in the last quarter, 12% more than a year ago.",
            "on_track",
            ("contributor",),
            (),
            2,
            "The committee asks for figures from all seven food banks.",
        ),
        "5a": (
            "There is a plan to bring the credit unions to residents, with talks for front-line staff and for the "
            "providers who know the people who would benefit most.",
            "on_track",
            (),
            (),
            3,
            "A plan is not yet promotion. How many people have joined?",
        ),
        "5b": (
            "The working party is looking again at its own purpose. It is likely to meet next in late November.",
            "not_started",
            (),
            (),
            4,
            "Nobody leads on this. The committee expects a name.",
        ),
        "6": (
            "The council is talking with both credit unions about a crisis loan scheme, and considers a subordinated "
            "loan of £50,000 to help set it up.",
            "on_track",
            ("imported",),
            (),
            3,
            "",
        ),
        "7": (
            "The trial began in spring. From September, the national advice line answers at weekends too, so the "
            "council's own Saturday line would answer the same calls.",
            "some_concerns",
            (),
            (),
            2,
            "",
        ),
        "8": (
            "The working party is looking again at its own purpose. It is likely to meet next in late November.",
            "some_concerns",
            (),
            (),
            3,
            "The same words as for 5b. The committee would like to hear who now comes to which meetings.",
        ),
        "9": (
            "The first level is being prepared with partner agencies, along the lines of the out-of-hours service. "
            "Short-term help will come from them; a second application then shows what is needed for longer.",
            "on_track",
            ("contributor",),
            (),
            2,
            "",
        ),
    },
    # number: (text, officer's view, what has become of it)
    "final": {
        "1c": (
            "“Wealdshire Helps” went live in September: www.wealdshire.example/helps\n\n"
            "In its first eight weeks 3,140 people used it, most of them on a telephone. It names 61 services, and "
            "every one has a person who keeps its entry up to date.",
            "complete",
            "submitted",
        ),
        "2": ("Two more agencies have joined. We meet every quarter.", "on_track", "returned"),
        "3a": ("All seven food banks now send figures. [Table to be added]", "on_track", "draft"),
        "5a": (
            "Since May the credit unions have had a stand at every job fair, and a page in the council's newsletter. "
            "412 people have opened an account; 96 of them say that they heard of it from the council.",
            "on_track",
            "submitted",
        ),
        "5b": None,
        "6": (
            "Cabinet agreed the subordinated loan of £50,000 in July. The scheme opened on 1 October; 31 loans have "
            "been made, of £420 on average, at a rate of 12.7%.",
            "complete",
            "on behalf",
        ),
        "8": None,
        "9": ("Agreements have been signed with five of the eight agencies.", "some_concerns", "draft by contributor"),
    },
    "return_note": "Which agencies, please, and what has changed for the people who use them?",
}

STREETS = {
    "title": "Safer School Streets Inquiry",
    "summary": "Whether closing the road at a school's gate twice a day makes the way to school safer.",
    "recommendations": (
        ("1", "That the council tries school streets at six primary schools, two of them in villages."),
        ("2", "That each school names a road-safety lead among its staff."),
        ("3", "That the results are published before any scheme is made permanent."),
    ),
    "responses": (
        (("1",), "accepted", "Six schools will be chosen by the autumn term.", "", "third_officer", 150),
        (("2",), "another_body", "", "This is for each school's governing body. Cabinet supports it.", None, None),
        (("3",), "accepted", "Agreed. The county's road-safety team will publish the figures.", "", "officer", None),
    ),
    "updates": {
        "1": (
            "Five of the six schools have begun. The sixth, in Llanfair Hollow, waits for its traffic order.",
            "on_track",
        ),
        "3": (
            "Figures for the summer term are at www.wealdshire.example/school-streets and show 38% fewer cars.",
            "on_track",
        ),
    },
}

LIBRARIES = {
    "title": "Library Opening Hours Inquiry",
    "summary": "When people would use a library if it were open, and what it would take to open it.",
    "recommendations": (
        ("R1", "That one library in each district opens until eight on two evenings a week."),
        ("R2", "That volunteers are trained to open the smaller libraries on Saturdays."),
        ("R3", "That the council publishes visits by hour, so that the public can see what the hours are based on."),
    ),
    "responses": (
        (("R1",), "in_part", "Three of the five districts, as a trial.", "The other two have no lift.", "officer", 200),
        (("R2",), "accepted", "Training starts in spring.", "", "officer", None),
        (("R3",), "accepted", "The counters at the doors allow this.", "", "second_officer", None),
    ),
    "updates": {
        "R1": ("Ashcombe, Hartwell and Nine Elms open late on Tuesdays and Thursdays. Between six and eight they have "
               "had 57 visitors an evening, on average.", "on_track"),
        "R2": ("44 volunteers have been trained. Seven libraries now open on Saturdays.", "complete"),
        "R3": ("The counters have been ordered but not delivered.", "off_track"),
    },
}  # fmt: skip


GRITTING = {
    "title": "Winter Gritting Inquiry",
    "summary": "Which roads are gritted first when it freezes, who decides it, and how people find out.",
    "recommendations": (
        ("1", "That the roads to every surgery and every school are on the first round of the gritting lorries."),
        ("2", "That parish councils can see on a map which salt bins have been filled, and when."),
        ("3", "That a night's plan is published by five in the afternoon."),
    ),
    "responses": (
        (("1",), "accepted", "All 61 surgeries and 240 schools will be on it next winter.", "", "third_officer", 150),
        (("2",), "accepted", "The map will be made with the parishes' own reports.", "", "officer", 170),
        (("3",), "in_part", "By seven: the forecast comes at six.", "At five it is not there.", "third_officer", None),
    ),
    "updates": {
        "1": (
            "The rounds were planned anew in the summer. 58 surgeries and all schools are on the first round; three "
            "surgeries stand on roads that a lorry cannot turn in, and are gritted by hand.",
            "on_track",
        ),
        "2": ("The map is at www.wealdshire.example/salt and shows 412 bins. 37 parishes report to it.", "complete"),
        "3": ("Since October the plan has been published every evening before seven.", "complete"),
    },
}

# key: title, author and blocks: (kind, words). Nothing is dated, so that they hold on any day.
PAPERS = {
    "minutes": {
        "title": "Minutes of the last meeting",
        "author": "Communities Select Committee",
        "blocks": (
            ("paragraph", "Held in Mezzanine Room 2, County Hall, Wealdbridge, from two until five past four."),
            ("heading", "Present"),
            (
                "list",
                (
                    "Councillor Harold Penrose (Chair)",
                    "Councillor Anwen Pritchard (Vice-chair)",
                    "Councillor Yusuf Karim",
                    "Mrs Joan Tidewell (co-opted)",
                ),
            ),
            ("heading", "1. Apologies for absence"),
            ("paragraph", "There were none."),
            ("heading", "2. Declarations of interest"),
            ("paragraph", "Mrs Tidewell said that she is a member of one of the county's two credit unions."),
            ("heading", "3. Help in a Crisis: six months on"),
            (
                "paragraph",
                "The Cabinet Member for Communities and the Head of Customer Access presented the progress report. "
                "Members thanked them for the telephone number, which had been in use within a quarter, and asked:",
            ),
            (
                "list",
                (
                    "why only four of seven food banks send figures. The other three have no computer at the desk; "
                    "they will be telephoned once a month;",
                    "how many people have joined a credit union since the talks began. This is not known yet;",
                    "who leads on recommendations 5b and 8. The Director will name somebody.",
                ),
            ),
            ("paragraph", "The committee's assessment of each recommendation is recorded in the progress report."),
            ("heading", "4. Work programme"),
            ("paragraph", "Resolved: that community transport in the Hart Valley is taken at the next meeting."),
        ),
    },
    "transport": {
        "title": "Community transport in the Hart Valley",
        "author": "Report of the Director of Communities",
        "blocks": (
            ("heading", "Purpose of the report"),
            (
                "paragraph",
                "The committee asked what has become of the county's support for community transport in the Hart "
                "Valley since the last commercial bus stopped running. This report says who travels, what it costs, "
                "and what three other counties do.",
            ),
            ("heading", "What the committee is asked to do"),
            (
                "list",
                (
                    "note the figures in this report and in the passengers' own answers in the appendix;",
                    "say which of the three ways forward it would like to see worked out;",
                    "decide whether to take evidence from drivers and passengers in a village hall.",
                ),
            ),
            ("heading", "Who travels"),
            (
                "paragraph",
                "Two minibuses and 31 volunteer drivers with their own cars serve nineteen villages. Most journeys "
                "are to a surgery, to the market in Hartwell, or to see somebody in hospital. A third of the "
                "passengers are under 25, which surprised everybody: they travel to college on three mornings when "
                "no school bus would take them.",
            ),
            (
                "table",
                (
                    ("Year", "Journeys", "Cost to the county", "Cost of a journey"),
                    ("Three years ago", "11,240", "£61,800", "£5.50"),
                    ("Two years ago", "12,910", "£66,500", "£5.15"),
                    ("Last year", "15,380", "£72,300", "£4.70"),
                ),
            ),
            ("heading", "What stands in the way"),
            (
                "paragraph",
                "The number of drivers has not grown with the number of journeys. Eleven of the 31 are over 75. A "
                "driver of a minibus needs a licence that costs about £1,200 to get, and the grant that paid for it "
                "has ended. Insurance for volunteers who use their own car has become dearer by a fifth.",
            ),
            (
                "paragraph",
                "Booking is by telephone, on weekday mornings. In the week that was counted, 84 calls were not "
                "answered because the line was engaged. Passengers under 25 say that they would book on the web.",
            ),
            ("heading", "Three ways forward"),
            (
                "list",
                (
                    "Pay for licences. Ten drivers of minibuses would cost £12,000 once; each could give one day a "
                    "week.",
                    "One booking line for the whole county, open until eight in the evening. Two districts have said "
                    "that they would share the cost.",
                    "Let the county's own minibuses, which stand still between the school runs, be driven by "
                    "volunteers. The insurer has agreed to this elsewhere.",
                ),
            ),
            ("heading", "Money, law, equality"),
            (
                "paragraph",
                "All three can be begun within this year's budget for local transport. Without the service, people "
                "who cannot drive, most of them older or disabled, would have no way to reach a surgery.",
            ),
        ),
    },
    "survey": {
        "title": "Appendix: what passengers said",
        "author": "Hart Valley Community Transport",
        "tagged": False,
        "blocks": (
            ("paragraph", "412 passengers were asked on the bus. These are their answers, in the order of how often."),
            (
                "table",
                (
                    ("What would you change?", "How many"),
                    ("A bus home after five", "171"),
                    ("Booking in the evening", "96"),
                    ("Room for a wheelchair on every journey", "64"),
                    ("Nothing: it is very good", "58"),
                    ("Something else", "23"),
                ),
            ),
            ("paragraph", "“I see my sister every week now. Before, it was at Christmas.”"),
        ),
    },
    "loans": {
        "title": "Lending with the credit unions: the agreement",
        "author": "Report of the Finance Manager",
        "blocks": (
            ("heading", "Purpose of the report"),
            (
                "paragraph",
                "Cabinet agreed to lend money to the county's two credit unions, so that people can turn payday loans "
                "into loans they can manage. The committee asked to see on what terms. This report describes the "
                "agreement; its figures are in the appendix, which is not for publication.",
            ),
            ("heading", "What has been agreed"),
            (
                "list",
                (
                    "The money is paid back last, after what the members of a credit union have saved.",
                    "No loan is given without a talk about the household's money.",
                    "The county hears every quarter how many loans were made and paid back, and no names.",
                ),
            ),
            ("heading", "Why the appendix is withheld"),
            (
                "paragraph",
                "It shows what each credit union holds in reserve and what it pays for its premises. Published, this "
                "would weaken them against the lenders whom they compete with. In the Finance Manager's opinion the "
                "public interest in keeping it back outweighs the public interest in publishing it.",
            ),
        ),
    },
    "loan_terms": {
        "title": "Appendix: reserves and terms",
        "author": "Report of the Finance Manager",
        "blocks": (
            (
                "paragraph",
                "Larkfield Savers keeps 11.2% of its members' savings in reserve and pays £18,640 a year for the shop "
                "in Tanner's Row. Vale Mutual keeps 7.9%, below the 8% that its own rules ask for, and has asked the "
                "county not to say so before its new treasurer has taken up the post.",
            ),
            (
                "table",
                (
                    ("Term", "Larkfield Savers", "Vale Mutual"),
                    ("Lent by the county", "£32,000", "£18,000"),
                    ("Interest to the county", "1.75%", "2.4%"),
                    ("Called back at once if arrears pass", "14%", "9.5%"),
                ),
            ),
        ),
    },
    "work_programme": {
        "title": "Work programme of the committee",
        "author": "Report of the Scrutiny Officer",
        "blocks": (
            ("paragraph", "What the committee has planned, and who is invited. Members are asked for changes."),
            (
                "table",
                (
                    ("Meeting", "What", "Who"),
                    ("This one", "Library opening hours, six months on", "Cabinet Member for Communities"),
                    ("The next", "Help in a Crisis, twelve months on", "Head of Customer Access"),
                    ("The next", "Winter gritting, six months on", "Director of Communities"),
                    ("After that", "Community transport: evidence in a village hall", "Drivers and passengers"),
                ),
            ),
        ),
    },
    "next_work_programme": {
        "title": "Work programme: changes since the last meeting",
        "author": "Report of the Scrutiny Officer",
        "blocks": (
            ("paragraph", "Two reports have been put off by a month, because the Cabinet Member is away."),
            (
                "table",
                (
                    ("What", "Was planned for", "Now planned for"),
                    ("Fostering: how families are found", "The summer", "The autumn"),
                    ("Youth clubs", "The summer", "The autumn"),
                ),
            ),
        ),
    },
}

# Each item: what it is called, the inquiry whose report it carries or the keys of its papers, which of these are
# exempt and under which paragraph, whether they are to follow and in which supplement.
PUBLISHED_AGENDA = (
    {"title": "Apologies for absence and changes in membership"},
    {"title": "Declarations of interest", "subtitle": "To disclose any personal or disclosable pecuniary interest."},
    {"title": "Minutes", "subtitle": "To be confirmed as a correct record.", "papers": ("minutes",)},
    {
        "title": "Library Opening Hours: six months on",
        "subtitle": "The Cabinet Member for Communities reports on what has been done. Members assess it.",
        "report": LIBRARIES["title"],
    },
    {
        "title": "Safer School Streets: six months on",
        "subtitle": "The Cabinet Members for Communities and for Transport report on what has been done.",
        "report": STREETS["title"],
        "to_follow": True,
        "supplement": 1,
    },
    {
        "title": "Community transport in the Hart Valley",
        "subtitle": "The Director of Communities presents the report.",
        "papers": ("transport", "survey"),
    },
    {"title": "Work programme", "papers": ("work_programme",)},
    {
        "title": "Lending with the credit unions",
        "subtitle": "The Finance Manager presents the agreement.",
        "papers": ("loans", "loan_terms"),
        "exempt": {"loan_terms": 3},
    },
    {"title": "Date of the next meeting"},
)
AGENDA_TO_COME = (
    {"title": "Apologies for absence and changes in membership"},
    {"title": "Declarations of interest", "subtitle": "To disclose any personal or disclosable pecuniary interest."},
    {"title": "Minutes", "subtitle": "To be confirmed as a correct record.", "papers": (), "to_follow": True},
    {
        "title": "Winter Gritting: six months on",
        "subtitle": "The Cabinet Member for Transport reports on what has been done.",
        "report": GRITTING["title"],
    },
    {
        "title": "Help in a Crisis: twelve months on",
        "subtitle": "The Cabinet Member for Communities reports on what has been done.",
        "report": CRISIS["title"],
    },
    {"title": "Work programme", "papers": ("next_work_programme",)},
)
