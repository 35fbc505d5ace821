package binding

// A Table says of one table which columns name a row and which decide who may see it or act on it, each as an
// SQL expression of type text that is never null. What a column says alone, sealed under its row's id, needs
// no place here: it opens for nobody else. A column that leads to something sealed does.
type Table struct {
	Name    string
	Key     []string
	Decides []string
}

// The tables.
var (
	// whose a dossier is, who handed it in, and which agencies have it
	Dossier = &Table{"dossier", ids("id"), columns(ids("draft_id", "owner_party_id", "submitted_by",
		"receiving_agency_id", "deciding_agency_id"), "code")}
	// whose a revision is, and whose words
	Revision = &Table{"dossier_revision", columns(ids("dossier_id"), "number::text"),
		columns(ids("person_id"), hex("sha256"))}
	// who writes a draft for whom, and which dossier it becomes
	Draft = &Table{"draft", ids("id"), ids("party_id", "person_id", "acting_id", "dossier_id", "frozen_by")}
	// between whom a draft passed; their names are shown
	Handover = &Table{"draft_handover", ids("id"), ids("draft_id", "from_id", "to_id")}
	// who read; the person's name is shown
	Access = &Table{"dossier_access", ids("id"), columns(ids("dossier_id", "draft_id"),
		"coalesce(actor->>'person', '')")}
	// the draft that a file belongs to, and the bytes in the store
	Attachment = &Table{"attachment", ids("id"), columns(ids("draft_id"), "file_id", "sha256")}
	// the dossier that a result belongs to, and the bytes in the store
	Result = &Table{"result", ids("id"), columns(ids("dossier_id"), "code", "file_id", "sha256")}
	// the dossier that a slip belongs to
	Slip = &Table{"slip", ids("id"), columns(ids("dossier_id"), "kind", "number")}
	// the person that a login is
	Account = &Table{"account", []string{"issuer", hex("subject_index")}, ids("person_id", "organisation_id")}
	// who may act for whom, and until when
	Mandate = &Table{"mandate", columns(ids("person_id", "party_id"), instant("asserted_at")),
		[]string{"ground", instant("ended_at")}}
	// where a one-stop system is pushed to and by which way, and whether it may do anything
	Connection = &Table{"connection", ids("id"), []string{"code", "endpoint", "active::text",
		"endpoint_pending", "array_to_string(networks, ',')", "ca_pem"}}
	// whose a key is, what it may do, and until when
	ConnectionKey = &Table{"connection_key", ids("id"), columns(ids("connection_id"), hex("hash"),
		"array_to_string(scopes, ',')", instant("revoked_at"), instant("expires_at"))}
	// which one-stop system serves an agency, and when
	ConnectionAgency = &Table{"connection_agency", columns(ids("connection_id", "agency_id"),
		day("valid_from")),
		[]string{day("valid_to")}}
	// what a one-stop system may still read whose agency has changed to another one
	FormerConnection = &Table{"dossier_former_connection", ids("dossier_id", "connection_id"),
		[]string{"last_revision::text", instant("readable_until")}}
)

// later says how many of a table's deciding columns, the last ones, came after its marks. A mark says nothing
// of those at the end that are empty, so marks of before hold, and programs of before know ours.
var later = map[string]int{Connection.Name: 3, ConnectionKey.Name: 1}

// Tables lists them all.
var Tables = []*Table{Dossier, Revision, Draft, Handover, Access, Attachment, Result, Slip, Account, Mandate,
	Connection, ConnectionKey, ConnectionAgency, FormerConnection}

func ids(names ...string) []string {
	all := make([]string, 0, len(names))
	for _, name := range names {
		all = append(all, "coalesce("+name+"::text, '')")
	}
	return all
}

func columns(first []string, more ...string) []string { return append(first, more...) }

func hex(name string) string { return "encode(" + name + ", 'hex')" }

func instant(name string) string {
	return "coalesce((extract(epoch from " + name + ") * 1000000)::bigint::text, '')"
}

func day(name string) string { return "coalesce(to_char(" + name + ", 'YYYY-MM-DD'), '')" }
