"""Two examples for each command, which stand in its help. A test runs them, in this order, on the
book of `demo/`, in the folder of the demonstration.
"""

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, str]] = {
    "new": (
        'ticketcli new "Invoice contested" --partner durand --origin call --due tomorrow',
        'ticketcli new "Order paper" --to paul --priority low',
    ),
    "call": (
        'ticketcli call "03 87 55 01 10"',
        'ticketcli call "03 87 55 01 10" "Printer broken" --to paul --lasted 6min',
    ),
    "follow": (
        'ticketcli follow 1 "Called back, will pay on Friday" --origin call',
        'ticketcli follow 1 "Asked for the order form" --origin email --wait +3d',
    ),
    "reply": (
        'ticketcli reply 1 "Our technician comes tomorrow at nine." --wait +2d',
        'ticketcli reply 1 "Our technician comes tomorrow at nine." --dry-run',
    ),
    "close": (
        'ticketcli close 2 --note "Delivered"',
        "ticketcli list --to paul -o ids | ticketcli close -",
    ),
    "reopen": (
        "ticketcli reopen 2",
        'ticketcli reopen 3 --note "Not solved after all"',
    ),
    "edit": (
        "ticketcli edit 2 --to zoe --priority high --due friday",
        "ticketcli list --partner durand -o ids | ticketcli edit - --to paul",
    ),
    "retract": (
        "ticketcli retract 1",
        'ticketcli retract 1 1 --note "Wrong client"',
    ),
    "undo": (
        "ticketcli undo",
        "ticketcli undo --list",
    ),
    "merge": (
        "ticketcli merge 3 2",
        'ticketcli merge 3 2 --note "The same fault"',
    ),
    "link": (
        "ticketcli link 1 2",
        "ticketcli link 1 2 --json",
    ),
    "unlink": (
        "ticketcli unlink 1 2",
        "ticketcli unlink 2 1 --json",
    ),
    "attach": (
        "ticketcli attach 1 photo.png",
        'ticketcli attach 1 photo.png "delivery note.pdf"',
    ),
    "attachment list": (
        "ticketcli attachment list 1",
        "ticketcli attachment list --json",
    ),
    "attachment get": (
        "ticketcli attachment get 1 -o copy.png",
        "ticketcli attachment get 1 -o - | wc -c",
    ),
    "show": (
        "ticketcli show 1",
        "ticketcli show 1 --json --fields label,follow_ups",
    ),
    "list": (
        "ticketcli list",
        "ticketcli list --tab all-open --overdue --sort -priority",
    ),
    "search": (
        "ticketcli search invoice",
        'ticketcli search "invoice OR paper NOT order" --json',
    ),
    "tabs": (
        "ticketcli tabs",
        "ticketcli tabs --json",
    ),
    "desk": (
        "ticketcli desk",
        "ticketcli desk --as paul",
    ),
    "partner add": (
        'ticketcli partner add NORD --type prospect --name "Nord Europe"',
        'ticketcli partner add BOUL --type client --phone "03 87 11 22 33"',
    ),
    "partner edit": (
        'ticketcli partner edit NORD --name "Nord & Fils"',
        'ticketcli partner edit nord --phone "03 87 55 01 02" --phone "06 12 34 56 78"',
    ),
    "partner archive": (
        "ticketcli partner archive NORD",
        "ticketcli partner archive BOUL --quiet",
    ),
    "partner unarchive": (
        "ticketcli partner unarchive NORD",
        "ticketcli partner unarchive BOUL --json",
    ),
    "partner list": (
        "ticketcli partner list --type client",
        "ticketcli partner list dur --json",
    ),
    "partner find": (
        "ticketcli partner find noël",
        'ticketcli partner find "03 87 55 01 10" --json',
    ),
    "partner show": (
        "ticketcli partner show durand",
        "ticketcli partner show durand --tab all-open",
    ),
    "partner contact add": (
        'ticketcli partner contact add NORD "Mr Roux" --phone "03 87 55 01 11"',
        'ticketcli partner contact add NORD "Jane Doe" --role Shipping --email jane@example.org',
    ),
    "partner contact edit": (
        "ticketcli partner contact edit 1 --role Accounts",
        'ticketcli partner contact edit 1 --phone "03 87 55 01 10" --phone "06 12 34 56 79"',
    ),
    "partner contact remove": (
        "ticketcli partner contact remove 2",
        "ticketcli partner contact remove 3 --quiet",
    ),
    "user add": (
        'ticketcli user add lea --name "Léa Roy"',
        'ticketcli user add tom --name "Tom Cole" --email tom@example.org --language en',
    ),
    "user edit": (
        "ticketcli user edit paul --email paul@example.org",
        "ticketcli user edit tom --inactive",
    ),
    "user list": (
        "ticketcli user list",
        "ticketcli user list --json --fields login,name",
    ),
    "user show": (
        "ticketcli user show paul",
        "ticketcli user show paul --json",
    ),
    "agenda": (
        "ticketcli agenda",
        "ticketcli agenda --user any --ics agenda.ics",
    ),
    "remind": (
        "ticketcli remind",
        "ticketcli remind --overdue --to paul",
    ),
    "journal": (
        "ticketcli journal yesterday",
        "ticketcli journal last-week --partner durand --author me",
    ),
    "hook add": (
        "ticketcli hook add erp --event opened --event closed -- /bin/true --quiet",
        "ticketcli hook add log -- tee -a events.log",
    ),
    "hook list": (
        "ticketcli hook list",
        "ticketcli hook list --json",
    ),
    "hook run": (
        "ticketcli hook run",
        "ticketcli hook run erp --json",
    ),
    "hook remove": (
        "ticketcli hook remove log",
        "ticketcli hook remove erp --json",
    ),
    "batch": (
        """echo '{"do": "new", "label": "Paper"}' | ticketcli batch""",
        "ticketcli batch --dry-run lines.jsonl",
    ),
    "events": (
        "ticketcli events --limit 100",
        "ticketcli events --partner durand -o json | jq length",
    ),
    "check": (
        "ticketcli check overdue --warn 10 --crit 20",
        "ticketcli check waiting --older-than 2d --warn 5 --crit 10",
    ),
    "stats": (
        "ticketcli stats --by recipient --period last-month",
        "ticketcli stats --partner durand --target 4h --json",
    ),
    "stats explain": (
        "ticketcli stats explain 1",
        "ticketcli stats explain 1 --clock elapsed --json",
    ),
    "report": (
        "ticketcli report report.html",
        "ticketcli report last-month.html --period last-month",
    ),
    "template add": (
        "ticketcli template add visit < visit.txt",
        'echo "{contact}: {label} ({ticket})" | ticketcli template add short',
    ),
    "template edit": (
        "ticketcli template edit visit < visit.txt",
        "ticketcli template edit short --language en",
    ),
    "template list": (
        "ticketcli template list",
        "ticketcli template list --json",
    ),
    "template show": (
        "ticketcli template show visit",
        "ticketcli template show visit --json",
    ),
    "print": (
        "ticketcli print 1 slip.html",
        "ticketcli print 1 -T visit letter.html --sent",
    ),
    "template remove": (
        "ticketcli template remove short",
        "ticketcli template remove visit --quiet",
    ),
    "mail status": (
        "ticketcli mail status",
        "ticketcli mail status --all --json",
    ),
    "mail send": (
        "ticketcli mail send",
        "ticketcli mail send --quiet",
    ),
    "mail retry": (
        "ticketcli mail retry 1",
        "ticketcli mail retry 1 --to noel@example.org",
    ),
    "mail cancel": (
        "ticketcli mail cancel 1",
        "ticketcli mail cancel 1 --quiet",
    ),
    "mail test": (
        "ticketcli mail test anna@example.org",
        "ticketcli mail test anna@example.org --json",
    ),
    "mail receive": (
        "ticketcli mail receive < message.eml",
        "ticketcli mail receive --as zoe < message.eml",
    ),
    "mail fetch": (
        "ticketcli mail fetch",
        "ticketcli mail fetch --json",
    ),
    "team show": (
        "ticketcli team show",
        "ticketcli team show --on 2026-01-01 --json",
    ),
    "team set": (
        'ticketcli team set hours "mon-fri 08:30-12:00 13:30-17:30"',
        "ticketcli team set target.high 4h --from 2026-01-01",
    ),
    "team categories": (
        "ticketcli team categories",
        "ticketcli team categories -o ids",
    ),
    "team history": (
        "ticketcli team history",
        "ticketcli team history -o csv",
    ),
    "config list": (
        "ticketcli config list",
        "ticketcli config list --json",
    ),
    "config get": (
        "ticketcli config get language",
        "ticketcli config get database",
    ),
    "config set": (
        "ticketcli config set language en",
        "ticketcli config set smtp.host smtp.example.org",
    ),
    "config unset": (
        "ticketcli config unset language",
        "ticketcli config unset smtp.host",
    ),
    "config path": (
        "ticketcli config path",
        "ticketcli config path --json",
    ),
    "view": (
        "ticketcli view",
        "ticketcli view late --json",
    ),
    "secret set": (
        "ticketcli secret set smtp",
        "ticketcli secret set imap < password.txt",
    ),
    "secret unset": (
        "ticketcli secret unset smtp",
        "ticketcli secret unset imap",
    ),
    "secret status": (
        "ticketcli secret status",
        "ticketcli secret status --json",
    ),
    "spool list": (
        "ticketcli spool list",
        "ticketcli spool list --json",
    ),
    "spool send": (
        "ticketcli spool send",
        "ticketcli spool send s2",
    ),
    "spool drop": (
        "ticketcli spool drop s2",
        "ticketcli spool list -o ids | ticketcli spool drop -",
    ),
    "db init": (
        "ticketcli db init",
        "ticketcli --db desk.db db init",
    ),
    "db status": (
        "ticketcli db status",
        "ticketcli db status --json",
    ),
    "db migrate": (
        "ticketcli db migrate",
        "ticketcli --db desk.db db migrate",
    ),
    "db check": (
        "ticketcli db check",
        "ticketcli db check --json",
    ),
    "db backup": (
        "ticketcli db backup monday.db",
        'ticketcli db backup "tickets-$(date +%F).db"',
    ),
    "db restore": (
        "ticketcli db restore monday.db",
        "ticketcli db restore monday.db --json",
    ),
    "db grant": (
        "ticketcli db grant paul --role agent",
        "ticketcli db grant zoe --role supervisor --as zoe",
    ),
    "db revoke": (
        "ticketcli db revoke paul",
        "ticketcli db revoke zoe --json",
    ),
    "db roles": (
        "ticketcli db roles",
        "ticketcli db roles --json",
    ),
    "export": (
        "ticketcli export tickets.jsonl",
        "ticketcli export --no-files | gzip > tickets.jsonl.gz",
    ),
    "import": (
        "ticketcli import partners clients.csv --dry-run",
        "ticketcli export | ticketcli --db desk.db import -",
    ),
    "schema": (
        "ticketcli schema",
        "ticketcli schema ticket",
    ),
    "completion": (
        "ticketcli completion bash > ticketcli.bash",
        "ticketcli completion fish > ticketcli.fish",
    ),
    "help": (
        "ticketcli help",
        "ticketcli help partner add",
    ),
    "demo": (
        "ticketcli demo",
        "ticketcli demo try.db",
    ),
}
"""The examples by the name of the command, as in `partner add`."""
