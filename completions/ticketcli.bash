# Completions of ticketcli for bash; written by tools/completions.py. To use them:
#   eval "$(ticketcli completion bash)"

_ticketcli_spec() {
  case "$1" in
    '')
      commands='new call follow reply close reopen edit retract undo attach attachment merge link unlink batch show list search view tabs journal events desk agenda remind check stats report partner user team mail template print import export config secret hook db spool schema completion help demo'
      options='--version --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'new')
      commands=''
      options='-p=partners --partner=partners --contact=contacts -t=users --to=users --cc=users -O=ORIGIN --origin=ORIGIN --direction=DIRECTION -P=PRIORITY --priority=PRIORITY -c=categories --category=categories -d=DATE --due=DATE -n=any --note=any --notify --no-notify --at=WHEN --key=any --if-similar=ACTION --alert=any --answered --close --callback=AHEAD --attach=file -T=templates --template=templates --editor -i --interactive --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'call')
      commands=''
      options='-p=partners --partner=partners --contact=contacts -t=users --to=users --cc=users -P=PRIORITY --priority=PRIORITY -c=categories --category=categories -d=DATE --due=DATE -n=any --note=any --follow=tickets --missed --out --lasted=any --attach=file --at=WHEN --key=any --notify --no-notify --if-similar=ACTION --answered --close --reopen --callback=AHEAD --wait=WHEN --no-wait --if-version=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_CALL --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any any' ;;
    'follow')
      commands=''
      options='-O=ORIGIN --origin=ORIGIN --direction=DIRECTION --at=WHEN -t=users --to=users -d=DATE --due=DATE --close --reopen --callback=AHEAD --wait=WHEN --no-wait --attach=file --notify --no-notify --key=any --if-version=any -T=templates --template=templates --editor -i --interactive --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets any' ;;
    'reply')
      commands=''
      options='--editor -T=templates --template=templates --contact=contacts --to=any --cc=any --attach=file --close --wait=WHEN --key=any --dry-run --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets any' ;;
    'close')
      commands=''
      options='-n=any --note=any --at=WHEN --notify --no-notify --if-version=any --alert=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets' ;;
    'reopen')
      commands=''
      options='-n=any --note=any --at=WHEN --notify --no-notify --if-version=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='closed' ;;
    'edit')
      commands=''
      options='-p=partners --partner=partners --contact=contacts -t=users --to=users --cc=users -O=ORIGIN --origin=ORIGIN --direction=DIRECTION -P=PRIORITY --priority=PRIORITY -c=categories --category=categories -d=DATE --due=DATE -n=any --note=any --label=any --clear=CLEARED_edit --add-cc=users --remove-cc=users --at=WHEN --notify --no-notify --if-version=any --editor -i --interactive --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets' ;;
    'retract')
      commands=''
      options='-n=any --note=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets follow_ups' ;;
    'undo')
      commands=''
      options='--list --dry-run --older --limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets' ;;
    'attach')
      commands=''
      options='--at=WHEN --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets file' ;;
    'attachment')
      commands='list get'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'attachment list')
      commands=''
      options='--limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets' ;;
    'attachment get')
      commands=''
      options='-o=file --output=file --db=file --as=users --require-synchronous --demo --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='attachments' ;;
    'merge')
      commands=''
      options='-n=any --note=any --undo --force --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets' ;;
    'link')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets tickets' ;;
    'unlink')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets tickets' ;;
    'batch')
      commands=''
      options='--keep-going --dry-run --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='file' ;;
    'show')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_SHOWN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets' ;;
    'list')
      commands=''
      options='--kind=KIND -p=partners --partner=partners --partner-type=TYPE --contact=contacts -t=users --to=users --creator=users --cc=users --concerns=users --closed-by=users -O=ORIGIN --origin=ORIGIN --direction=DIRECTION -P=PRIORITY --priority=PRIORITY -c=categories --category=categories --status=STATUS --overdue --opened=PERIOD -d=PERIOD_OR_NONE --due=PERIOD_OR_NONE --closed=PERIOD_OR_NONE --updated=PERIOD --turn=any --tab=TAB --all --sort=FIELDS --limit=any --target=STATE --within=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'search')
      commands=''
      options='--kind=KIND --partner=partners --partner-type=TYPE --contact=contacts --to=users --creator=users --cc=users --concerns=users --closed-by=users --origin=ORIGIN --direction=DIRECTION --priority=PRIORITY --category=categories --status=STATUS --overdue --opened=PERIOD --due=PERIOD_OR_NONE --closed=PERIOD_OR_NONE --updated=PERIOD --turn=any --in=WHERE --tab=TAB --all --sort=FIELDS --limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'view')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='views' ;;
    'tabs')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TABS --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'journal')
      commands=''
      options='-p=partners --partner=partners --contact=contacts -t=users --to=users --kind=KIND -O=ORIGIN --origin=ORIGIN --direction=DIRECTION -c=categories --category=categories --author=users --ticket=tickets --limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_JOURNAL --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='PERIOD' ;;
    'events')
      commands=''
      options='-p=partners --partner=partners --contact=contacts -t=users --to=users --kind=KIND -O=ORIGIN --origin=ORIGIN --direction=DIRECTION -c=categories --category=categories --author=users --ticket=tickets --since=any --limit=any --follow --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_EVENT --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'desk')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'agenda')
      commands=''
      options='--user=users --ics=file --limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_AGENDA --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'remind')
      commands=''
      options='--due=PERIOD --overdue --waiting=any --callback=PERIOD --target --within=any --undelivered --in-hours -t=users --to=users --mail --limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_REMINDER --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'check')
      commands=''
      options='-t=users --to=users -p=partners --partner=partners --kind=KIND -P=PRIORITY --priority=PRIORITY --warn=any --crit=any --older-than=any --within=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='WHAT' ;;
    'stats')
      commands='explain'
      options='--kind=KIND -p=partners --partner=partners --partner-type=TYPE --contact=contacts -t=users --to=users --creator=users --cc=users --concerns=users --closed-by=users -O=ORIGIN --origin=ORIGIN --direction=DIRECTION -P=PRIORITY --priority=PRIORITY -c=categories --category=categories --status=STATUS --overdue --opened=PERIOD -d=PERIOD_OR_NONE --due=PERIOD_OR_NONE --closed=PERIOD_OR_NONE --updated=PERIOD --turn=any --by=FIELD --period=PERIOD --target=any --clock=CLOCK --chart --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'stats explain')
      commands=''
      options='--clock=CLOCK --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets' ;;
    'report')
      commands=''
      options='--kind=KIND -p=partners --partner=partners --partner-type=TYPE --contact=contacts -t=users --to=users --creator=users --cc=users --concerns=users --closed-by=users -O=ORIGIN --origin=ORIGIN --direction=DIRECTION -P=PRIORITY --priority=PRIORITY -c=categories --category=categories --status=STATUS --overdue --opened=PERIOD -d=PERIOD_OR_NONE --due=PERIOD_OR_NONE --closed=PERIOD_OR_NONE --updated=PERIOD --turn=any --period=PERIOD --target=any --clock=CLOCK --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='file' ;;
    'partner')
      commands='add edit archive unarchive list find show contact'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'partner add')
      commands=''
      options='--type=TYPE --name=any --email=any --phone=any -n=any --note=any --address=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_PARTNER_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'partner edit')
      commands=''
      options='--name=any --email=any --phone=any -n=any --note=any --address=any --type=TYPE --clear=CLEARED_partner_edit --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_PARTNER_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='partners' ;;
    'partner archive')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_PARTNER_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='partners' ;;
    'partner unarchive')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_PARTNER_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='archived' ;;
    'partner list')
      commands=''
      options='--type=TYPE --archived --limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_PARTNER --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'partner find')
      commands=''
      options='--limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_PARTNER_FOUND --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'partner show')
      commands=''
      options='--tab=TAB --all --limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_PARTNER_DETAILS --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='partners' ;;
    'partner contact')
      commands='add edit remove'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'partner contact add')
      commands=''
      options='--email=any --phone=any --role=ROLE --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_CONTACT_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='partners any' ;;
    'partner contact edit')
      commands=''
      options='--email=any --phone=any --role=ROLE --name=any --clear=CLEARED_partner_contact_edit --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_CONTACT_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'partner contact remove')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_CONTACT_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'user')
      commands='add edit list show'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'user add')
      commands=''
      options='--name=any --email=any --language=LANGUAGE --db=file --as=any --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_COLLABORATOR_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'user edit')
      commands=''
      options='--name=any --email=any --language=LANGUAGE --active --inactive --clear=CLEARED_user_edit --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_COLLABORATOR_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='users' ;;
    'user list')
      commands=''
      options='--inactive --limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_COLLABORATOR --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'user show')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_COLLABORATOR --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='users' ;;
    'team')
      commands='show set categories history'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'team show')
      commands=''
      options='--on=DATE --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'team set')
      commands=''
      options='--from=DATE --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='TEAM any' ;;
    'team categories')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'team history')
      commands=''
      options='--limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'mail')
      commands='status send retry cancel test receive fetch'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'mail status')
      commands=''
      options='--state=STATE --ticket=tickets --all --limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_MESSAGE --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'mail send')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'mail retry')
      commands=''
      options='--to=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'mail cancel')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'mail test')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'mail receive')
      commands=''
      options='--notify --no-notify --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'mail fetch')
      commands=''
      options='--notify --no-notify --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_TICKET_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'template')
      commands='add edit remove list show'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'template add')
      commands=''
      options='--language=LANGUAGE --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'template edit')
      commands=''
      options='--language=LANGUAGE --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='templates' ;;
    'template remove')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='templates' ;;
    'template list')
      commands=''
      options='--limit=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'template show')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='templates' ;;
    'print')
      commands=''
      options='-T=templates --template=templates --sent --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='tickets' ;;
    'import')
      commands=''
      options='--map=any --key-column=any --type=TYPE --dry-run --keep-going --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'export')
      commands=''
      options='--no-files --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'config')
      commands='list get set unset path'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'config list')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'config get')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='CONFIG' ;;
    'config set')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='CONFIG VALUE' ;;
    'config unset')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='CONFIG' ;;
    'config path')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'secret')
      commands='set unset status'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'secret set')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='SECRET' ;;
    'secret unset')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='SECRET' ;;
    'secret status')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='SECRET' ;;
    'hook')
      commands='add list remove run'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'hook add')
      commands=''
      options='--event=any --since=any --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_HOOK_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any any' ;;
    'hook list')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_HOOK --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'hook remove')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_HOOK_WRITTEN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'hook run')
      commands=''
      options='--follow --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=OF_HOOK_RUN --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'db')
      commands='init status grant revoke roles migrate check backup restore'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'db init')
      commands=''
      options='--new --roles --sql --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'db status')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'db grant')
      commands=''
      options='--role=ROLE --as=users --db=file --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'db revoke')
      commands=''
      options='--db=file --as=any --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'db roles')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'db migrate')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'db check')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'db backup')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='file' ;;
    'db restore')
      commands=''
      options='--trust --db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='file' ;;
    'spool')
      commands='list send drop'
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'spool list')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='' ;;
    'spool send')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'spool drop')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='any' ;;
    'schema')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='SCHEMA' ;;
    'completion')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='SHELL' ;;
    'help')
      commands=''
      options='--db=HELP --as=HELP --require-synchronous --demo -o=HELP --output=HELP --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='HELP' ;;
    'demo')
      commands=''
      options='--db=file --as=users --require-synchronous --demo -o=FORMAT --output=FORMAT --json --fields=any --no-header --csv-raw --csv-excel --fail-empty --no-pager -q --quiet -h --help'
      arguments='file' ;;
  esac
}

# Sets `known` to the words of a kind, `french` to the same in French, `plain` to those without
# accents. Who speaks French gets the French ones first.
_ticketcli_words() {
  known= french= plain=
  case "$1" in
    KIND) known='internal external' french='interne externe' ;;
    ORIGIN) known='call letter email' french='appel courrier mail' ;;
    DIRECTION) known='in out' french='reçu émis' plain='recu emis' ;;
    PRIORITY) known='low medium high' french='basse moyenne élevée' plain='elevee' ;;
    ACTION) known='warn follow fail' french='avertir suivre échouer' plain='echouer' ;;
    STATUS) known='open closed any' french='ouvert fermé tous' plain='ferme' ;;
    STATE) known='waiting sending sent failed cancelled' french='en-attente en-cours envoyé échoué annulé' plain='envoye echoue annule' ;;
    TAB) known='mine-open all-open mine-closed all-closed' french='mes-encours tous-les-ouverts mes-fermés tous-les-fermés' plain='mes-fermes tous-les-fermes' ;;
    TYPE) known='client prospect supplier' french='client prospect fournisseur' ;;
    LANGUAGE) known='en fr' french='anglais français' plain='francais' ;;
    FORMAT) known='table json jsonl csv tsv ids markdown' ;;
    CLOCK) known='elapsed working' french='écoulé ouvré' plain='ecoule ouvre' ;;
    FIELD) known='recipient partner category origin priority kind week month' french='destinataire partenaire catégorie origine priorité genre semaine mois' plain='categorie priorite' ;;
    FIELDS) known='id -id due -due priority -priority occurred_at -occurred_at closed_at -closed_at updated_at -updated_at turn_since -turn_since' ;;
    WHERE) known='label note follow-ups' french='libellé note suivis' plain='libelle' ;;
    PERIOD) known='today week last-week month last-month -7d..' ;;
    PERIOD_OR_NONE) known='today week last-week month last-month -7d.. none' ;;
    WHAT) known='overdue waiting target mail' french='retard attente cible mail' ;;
    ROLE) known='reader agent supervisor mailer' french='lecture agent superviseur courrier' ;;
    SECRET) known='smtp imap database' ;;
    SCHEMA) known='ticket ticket-details ticket-shown follow-up attachment change partner partner-details contact partner-found call collaborator tab setting view stats stats-explain team-value category team-change agenda remind journal event hook hook-run check template template-details mail reply secret spooled mail-line config-path unit db-status db-account db-problem db-restored book-imported line-imported schema error warning' ;;
    WHEN) known='now yesterday -1h -2h' french='hier' ;;
    AHEAD) known='+1h +2h +1d tomorrow' french='+1j demain' ;;
    DATE) known='today tomorrow +1w eow eom monday tuesday wednesday thursday friday' french='demain +1sem fds fdm lundi mardi mercredi jeudi vendredi' ;;
    SHELL) known='bash zsh fish' ;;
    CLEARED_edit) known='partner contact cc origin category due note' ;;
    CLEARED_partner_edit) known='name email phone note address' ;;
    CLEARED_partner_contact_edit) known='email phone role' ;;
    CLEARED_user_edit) known='name email language' ;;
    CONFIG) known='user database database_timeout database_read database_lag database_synchronous language time_zone origin notify spool pager color mail.transport mail.from mail.signature mail.sendmail mail.timeout smtp.host smtp.port smtp.security smtp.user imap.host imap.port imap.security imap.user imap.folder' ;;
    TEAM) known='hours holidays closed time_zone target.low target.medium target.high resolve.low resolve.medium resolve.high mail_recipient call_recipient region language attachment_limit categories' ;;
    HELP) known='new call follow reply close reopen edit retract undo attach attachment merge link unlink batch show list search view tabs journal events desk agenda remind check stats report partner user team mail template print import export config secret hook db spool schema completion help demo tour scripts dates formatting exit-codes environment' ;;
    VALUE:database_synchronous) known='yes no' ;;
    VALUE:language) known='en fr' ;;
    VALUE:origin) known='call letter email' ;;
    VALUE:notify) known='always asked never' ;;
    VALUE:spool) known='ask always never' ;;
    VALUE:pager) known='auto always never' ;;
    VALUE:color) known='auto always never' ;;
    VALUE:mail.transport) known='smtp sendmail none' ;;
    VALUE:smtp.security) known='starttls tls none' ;;
    VALUE:imap.security) known='starttls tls none' ;;
    OF_TICKET) known='id kind status label note origin direction priority category due overdue partner contact creator recipient cc key answered_at_once occurred_at recorded_at first_response_at closed_at closed_by follow_up_count updated_at version turn turn_since wait_until caller merged_into void respond_by resolve_by partner.code partner.name partner.type contact.id contact.name contact.email contact.phone' ;;
    OF_TICKET_WRITTEN) known='id kind status label note origin direction priority category due overdue partner contact creator recipient cc key answered_at_once occurred_at recorded_at first_response_at closed_at closed_by follow_up_count updated_at version turn turn_since wait_until caller merged_into void follow_ups history attachments links merged similar outcome partner.code partner.name partner.type contact.id contact.name contact.email contact.phone' ;;
    OF_TICKET_SHOWN) known='id kind status label note origin direction priority category due overdue partner contact creator recipient cc key answered_at_once occurred_at recorded_at first_response_at closed_at closed_by follow_up_count updated_at version turn turn_since wait_until caller merged_into void follow_ups history attachments links merged respond_by resolve_by partner.code partner.name partner.type contact.id contact.name contact.email contact.phone' ;;
    OF_CALL) known='number e164 matches' ;;
    OF_TABS) known='tab count overdue' ;;
    OF_PARTNER_WRITTEN) known='code name type email phone phones note archived contacts open_count closed_count address outcome' ;;
    OF_PARTNER) known='code name type email phone phones note archived contacts open_count closed_count address' ;;
    OF_PARTNER_DETAILS) known='code name type email phone phones note archived contacts open_count closed_count address tickets' ;;
    OF_PARTNER_FOUND) known='partner contact open_count partner.code partner.name partner.type contact.id contact.name contact.email contact.phone' ;;
    OF_CONTACT_WRITTEN) known='id name role email phone phones outcome' ;;
    OF_COLLABORATOR_WRITTEN) known='login name email language active outcome' ;;
    OF_COLLABORATOR) known='login name email language active' ;;
    OF_AGENDA) known='at kind ticket label partner contact phone recipient promised_by partner.code partner.name partner.type contact.id contact.name contact.email contact.phone' ;;
    OF_REMINDER) known='recipient reason at ticket label partner partner.code partner.name partner.type' ;;
    OF_JOURNAL) known='at recorded_at late ticket label event origin direction partner contact author recipient text wait wait_until turn attachments follow_up retracted_at partner.code partner.name partner.type contact.id contact.name contact.email contact.phone' ;;
    OF_EVENT) known='cursor event id at recorded_at ticket author via changes label origin direction partner contact recipient text wait wait_until attachments follow_up partner.code partner.name partner.type contact.id contact.name contact.email contact.phone' ;;
    OF_HOOK) known='name events command cursor attempts next_attempt_at last_error' ;;
    OF_HOOK_RUN) known='name taken error again_at' ;;
    OF_HOOK_WRITTEN) known='name events command cursor attempts next_attempt_at last_error outcome' ;;
    OF_MESSAGE) known='id ticket recipient address state attempts next_attempt_at last_error queued_at sent_at message_id follow_up cc' ;;
  esac
  case "${TICKETCLI_LANGUAGE:-${LC_ALL:-${LC_MESSAGES:-$LANG}}}" in
    fr*) [[ -z $french ]] || set -- "$known" && known=${french:-$known} french=$1 ;;
  esac
}

# The records in the list of a record, a line each: of contacts the name and the role, of follow-ups
# the number and the note.
_ticketcli_rows() {
  local text='"(\\.|[^"\\])*"' of
  case "$1" in
    contacts) of="\"id\": [0-9]+, (\"name\": $text), (\"role\": ($text|null))" ;;
    follow_ups) of="(\"id\": [0-9]+), \"author\": $text, (\"note\": $text)" ;;
    *) cat; return ;;
  esac
  local both='{\1, \3}'
  sed -E -e 's/^[^[]*\[//' -e "s/\{${of}[^{]*/$both\\
/g" | sed -n '/^{"/p'
}

# What only the book knows: a line each, the value and what it stands for. JSON, for there every
# character that a terminal would act upon is escaped.
_ticketcli_live() {
  local -a ask=("${program[@]}")
  case "$1" in
    closed) ask+=(list --tab all-closed --limit 200 --fields id,label) ;;
    tickets) ask+=(list --tab all-open --limit 200 --fields id,label) ;;
    archived) ask+=(partner list --archived --limit 500 --fields code,name) ;;
    partners) ask+=(partner list --limit 500 --fields code,name) ;;
    users) ask+=(user list --fields login,name) ;;
    templates) ask+=(template list --limit 500 --fields name,language) ;;
    views) ask+=(view --fields name,command) ;;
    attachments) ask+=(attachment list --limit 200 --fields id,name) ;;
    categories) ask+=(team categories --fields category,french) ;;
    contacts) [[ -n $partner ]] || return; ask+=(partner show "$partner" --fields contacts) ;;
    follow_ups) ask+=(show "$last" --fields follow_ups) ;;
  esac
  "${ask[@]}" -o jsonl 2>/dev/null </dev/null | _ticketcli_rows "$1"
}

# The text of a JSON value, as REPLY: what it holds that is no text is escaped, and stays so.
_ticketcli_text() {
  REPLY=${1#\"}
  REPLY=${REPLY%\"}
  [[ $1 != null ]] || REPLY=
  REPLY=${REPLY//\\\"/\"}
  REPLY=${REPLY//\\\\/\\}
}

# {"id": 1, "label": "…"} as `value` and `text`: no string holds a quote without a backslash.
_ticketcli_record() {
  local rest=${1#*': '}
  value=${rest%%', "'*}
  _ticketcli_text "$value"
  value=$REPLY
  rest=${rest#*', "'}
  rest=${rest#*': '}
  rest=${rest%'}'}
  _ticketcli_text "$rest"
  text=$REPLY
}

# Puts a backslash before what means something to the shell, the characters of $2; sets `value`.
_ticketcli_escape() {
  local rest=$1 before
  value=
  while [[ $rest == *$2* ]]; do
    before=${rest%%$2*}
    value+="$before\\${rest:${#before}:1}"
    rest=${rest:${#before} + 1}
  done
  value+=$rest
}

# Whether an option takes a value; sets `takes`.
_ticketcli_takes() {
  local option
  takes=
  for option in $options; do
    [[ $option == "$1="* ]] && takes=${option#*=} && return 0
  done
  return 1
}

_ticketcli_offer() {
  local value text line before='' REPLY
  case "$1" in
    any) ;;
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    tickets | closed | partners | archived | users | templates | views | categories | attachments | contacts | follow_ups)
      while IFS= read -r line; do
        _ticketcli_record "$line"
        [[ ${value,,} == "${current,,}"* ]] || continue
        # A login may have a backslash, a name everything.
        case "$quote" in
          "'") value=${value//\'/"'\\''"} ;;
          '"') _ticketcli_escape "$value" '[\"$`]' ;;
          *) _ticketcli_escape "$value" '[]['\''\ "&$`()<>;|*?#~!{}]' ;;
        esac
        COMPREPLY+=("$value")
        texts+=("$text")
      done < <(_ticketcli_live "$1")
      # Several: with what they stand for. One, or one after the other: as they are typed.
      if ((${#COMPREPLY[@]} > 1)) && [[ $COMP_TYPE != 37 && $COMP_TYPE != 42 ]]; then
        for line in "${!COMPREPLY[@]}"; do
          [[ -z ${texts[line]} ]] || COMPREPLY[line]+="  (${texts[line]})"
        done
      fi ;;
    *)
      # A value is one of the key before it.
      [[ $1 != VALUE ]] || set -- "VALUE:$last"
      _ticketcli_words "$1"
      # Of several fields with commas the last one.
      [[ $1 != OF_* ]] || before=${current%"${current##*,}"}
      for line in "$known" "$french" "$plain"; do
        for value in $line; do
          [[ $before$value == "$current"* ]] && COMPREPLY+=("$before$value")
        done
        ((!${#COMPREPLY[@]})) || break
      done ;;
  esac
}

# Takes the line up to the cursor apart into `typed`, its words as they are spelled; `kept` is what
# readline keeps of the last one, `quote` what is open there.
_ticketcli_split() {
  local line=${COMP_LINE:0:COMP_POINT} part index
  for ((index = 0; index <= COMP_CWORD; index++)); do
    part=${COMP_WORDS[index]}
    # Bash breaks `--option=value` and `postgresql://me@server` into parts: no blank parts those.
    if [[ $index == 0 || $line == [[:space:]]* ]]; then
      typed+=('')
      line=${line#"${line%%[![:space:]]*}"}
    fi
    [[ $line == "$part"* ]] || part=$line
    line=${line#"$part"}
    typed[${#typed[@]} - 1]+=$part
  done
  [[ $part != [=:@] ]] || part=
  kept=${typed[${#typed[@]} - 1]}
  kept=${kept%"$part"}
  [[ $part != [\"\']* ]] || quote=${part:0:1}
}

# What a typed word means, as REPLY: its quotes and a ~ are read, nothing is expanded or run.
_ticketcli_plain() {
  local rest=$1 quoted= char
  REPLY=
  [[ $rest != "~/"* ]] || { REPLY=$HOME rest=${rest#"~"}; }
  while [[ $rest == *[\"\'\\]* ]]; do
    char=${rest%%[\"\'\\]*}
    REPLY+=$char
    rest=${rest#"$char"}
    char=${rest:0:1}
    rest=${rest:1}
    if [[ $quoted == "$char" ]]; then
      quoted=
    elif [[ $char == "\\" && $quoted != "'" ]]; then
      [[ -z $quoted || ${rest:0:1} == [\"\\\$\`] ]] || REPLY+=$char
      REPLY+=${rest:0:1}
      rest=${rest:1}
    elif [[ -n $quoted ]]; then
      REPLY+=$char
    else
      quoted=$char
    fi
  done
  REPLY+=$rest
}

_ticketcli() {
  # Lists are split here, whatever the user's shell splits by.
  local IFS=$' \t\n'
  local commands options arguments known french plain takes path='' word before='' option place=0
  local current ended='' index kept='' quote='' last='' partner='' REPLY
  local -a program typed=() texts=()
  COMPREPLY=()
  _ticketcli_split
  _ticketcli_plain "${typed[0]}"
  program=("$REPLY")
  # An alias of it, with options perhaps.
  [[ -z ${BASH_ALIASES[$REPLY]} ]] || read -ra program <<<"${BASH_ALIASES[$REPLY]}"
  type -P "${program[0]}" >/dev/null || program=(ticketcli)
  _ticketcli_spec ''
  for ((index = 1; index < ${#typed[@]} - 1; index++)); do
    _ticketcli_plain "${typed[index]}"
    word=$REPLY
    if [[ -n $before ]]; then
      case "$before" in
        --db | --as) program+=("$before" "$word") ;;
        -p | --partner) partner=$word ;;
      esac
      before=
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == --*=* ]]; then
      case "$word" in
        --db=* | --as=*) program+=("$word") ;;
        --partner=*) partner=${word#*=} ;;
      esac
    elif [[ -z $ended && $word == -* ]]; then
      _ticketcli_takes "$word" && before=$word
    elif [[ " $commands " == *" $word "* ]]; then
      path=${path:+$path }$word
      _ticketcli_spec "$path"
    else
      place=$((place + 1))
      last=$word
    fi
  done
  _ticketcli_plain "${typed[${#typed[@]} - 1]}"
  current=$REPLY
  if [[ -z $before && -z $ended && $current == --*=* ]]; then
    before=${current%%=*}
    current=${current#*=}
    kept=${kept#"$before="}
  fi
  if [[ -n $before ]]; then
    _ticketcli_takes "$before"
    _ticketcli_offer "$takes"
  elif [[ -z $ended && $current == -* ]]; then
    for option in $options; do
      option=${option%%=*}
      [[ $option == "$current"* ]] && COMPREPLY+=("$option")
    done
  elif [[ -n $commands ]]; then
    for word in $commands; do
      [[ $word == "$current"* ]] && COMPREPLY+=("$word")
    done
  else
    local -a wanted
    read -ra wanted <<<"$arguments"
    ((${#wanted[@]})) || return
    ((place < ${#wanted[@]})) || place=$((${#wanted[@]} - 1))
    _ticketcli_offer "${wanted[place]}"
  fi
  # The words are whole; readline has kept their beginning.
  for index in "${!COMPREPLY[@]}"; do
    COMPREPLY[index]=${COMPREPLY[index]#"$kept"}
  done
}

complete -F _ticketcli ticketcli
