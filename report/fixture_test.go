package report

import (
	"strings"
	"time"

	"wattdue/calendar"
	"wattdue/jobs/batch"
	"wattdue/money"
)

func october(day int) calendar.Date { return calendar.NewDate(2026, time.October, day) }

// monthReport is a month a clerk can add up. Records: 3031 + 4 = 2952 + 7 + 0 + 58 + 14 + 1 + 3 = 3035. Money: 39621.87 +
// 18.40 = 39617.37 + 22.90 = 39640.27. Documents: 32279.47 + 1004.00 = 33283.47 net, 6133.10 + 200.80 = 6333.90 VAT,
// 39617.37 gross = 29480.12 + 10137.25. Held: 12 + 11 + 11 + 10 + 8 + 4 + 2 = 58. Bank: 150 + 49 = 199 debits, 22010.33
// + 7202.07 = 29212.40. Trial balance: 118875.01 on both sides.
func monthReport() Report {
	return Report{
		Tenant: "Nordlicht Mobil GmbH", Period: "2026-10", Engine: "0.1.0", Currency: money.EUR,
		AsOf:  time.Date(2026, 11, 2, 3, 30, 0, 0, time.FixedZone("CET", 3600)),
		Files: 12,
		Balance: batch.Balance{
			In: batch.Tally{Records: 3031, Minor: 3_962_187}, CarriedIn: batch.Tally{Records: 4, Minor: 1_840},
			Billed: batch.Tally{Records: 2952, Minor: 3_961_737}, Free: batch.Tally{Records: 7}, Held: batch.Tally{Records: 58},
			Duplicate: batch.Tally{Records: 14}, Waived: batch.Tally{Records: 1}, CarriedOut: batch.Tally{Records: 3, Minor: 2_290},
			UnbilledBooked: 2_290, BilledBooked: 3_961_737,
		},
		Held: []Held{
			{Stage: "import", Code: "conflict", Records: 8},
			{Stage: "import", Code: "json-syntax", Records: 4},
			{Stage: "import", Code: "json-truncated", Records: 2},
			{Stage: "verify", Code: "signature-invalid", Records: 11},
			{Stage: "verify", Code: "key-not-registered", Records: 12},
			{Stage: "assign", Code: "token-unknown", Records: 11},
			{Stage: "rate", Code: "NO_PRICE", Records: 10},
			{Stage: "seal", Code: "mandate-lapsed", Records: 1},
			{Stage: "seal", Code: "house-rule", Meaning: "The amount is above the limit for one debit.", ToDo: "Have the limit raised, or ask for a bank transfer.", Records: 1},
		},
		Findings: Findings{
			Sums: []FindingSum{{Code: "page-gap", N: 4}, {Code: "replay", Holds: true, N: 1}, {Code: "advance-unexplained", N: 4}},
			List: []FindingLine{
				{"replay", "held", "DE/XYZ/CDR-9", "DE/ABC/CDR-17", "1EMH0012345678", "DE*ABC*E0001*1", "2 of 2 signed values"},
				{"page-gap", "noted", "DE/ABC/CDR-21", "DE/ABC/CDR-18", "1EMH0012345678", "DE*ABC*E0001*1", "pages T104 to T107"},
			},
		},
		Documents: Documents{
			Count: 267, First: "RE-2026-0000001", Last: "RE-2026-0000267", Net: 3_328_347, Tax: 633_390, Gross: 3_961_737,
			VAT: []VATSum{
				{"AT", 200_000, 100_400, 20_080, 120_480},
				{"DE", 190_000, 3_227_947, 613_310, 3_841_257},
			},
			ByMethod: []MethodSum{{"direct_debit", 201, 2_948_012}, {"on_account", 66, 1_013_725}},
		},
		Mails: []StateSum{{"failed", 1}, {"in_doubt", 1}, {"sent", 265}},
		BankFiles: []BankFile{
			{"WD-20261102-0ed1371d-1.xml", calendar.NewDate(2026, time.November, 16), 150, 2_201_033, strings.Repeat("0123456789abcdef", 4)},
			{"WD-20261102-0ed1371d-2.xml", calendar.NewDate(2026, time.November, 17), 49, 720_207, strings.Repeat("fedcba9876543210", 4)},
		},
		Ledger: []AccountSum{
			{"debtors", 3_961_737, 0, 3_961_737},
			{"memo:clearing", 3_961_737, 3_964_027, -2_290},
			{"memo:unbilled", 3_964_027, 3_961_737, 2_290},
			{"revenue", 0, 3_328_347, -3_328_347},
			{"vat", 0, 633_390, -633_390},
		},
		Sessions: 2959, Energy: 74_812_456_000, Days: octoberDays(),
		Locations: []LocationSum{
			{"Parkhaus Speicherstadt, Hamburg", 702, 18_944_120_000, 1_014_388},
			{"Autohof Moorfleet, Hamburg", 655, 17_020_500_000, 902_015},
			{"Stadtwerke Innsbruck, Innsbruck", 91, 2_204_333_500, 120_480},
		},
		Tariffs: []string{"public v3", "staff v1"},
		Stages: []StageTime{
			{"import", 3031, 1_240 * time.Millisecond},
			{"verify", 2996, 2_310 * time.Millisecond},
			{"rate", 2962, 415 * time.Millisecond},
			{"accrue", 2962, 385 * time.Millisecond},
			{"draft", 267, 980 * time.Millisecond},
			{"issue", 267, 144 * time.Millisecond},
			{"render", 267, 65 * time.Second},
			{"deliver", 267, 1_500 * time.Millisecond},
		},
		Places: []Place{
			{"Invoices", "demo-out/invoices", "invoices/"},
			{"Mails", "demo-out/mail", "mail/"},
			{"Bank files", "demo-out/sepa", "sepa/"},
			{"Journal", "demo-out/journal.hledger", "journal.hledger"},
			{"Held records", "demo-out/quarantine.csv", "quarantine.csv"},
			{"Archive", "demo-out/archive", ""},
		},
		Next: []string{
			"Hand in the two bank files by 13 November 2026; compare number, sum and hash in the bank's portal.",
			"Register the key of the charge point behind the 12 records that could not be checked, then release them.",
			"Send document RE-2026-0000114 again: the mail server refused the address.",
		},
	}
}

// octoberDays add up to 2959 sessions, 74812.456 kWh and 39617.37.
func octoberDays() []DaySum {
	return []DaySum{
		{october(1), 103, 2564567_000, 139905},
		{october(2), 93, 2379349_000, 123892},
		{october(3), 75, 1792442_000, 94373},
		{october(4), 55, 1309738_000, 68644},
		{october(5), 115, 2794819_000, 152706},
		{october(6), 105, 2738603_000, 150488},
		{october(7), 88, 2208003_000, 113777},
		{october(8), 113, 2799300_000, 144546},
		{october(9), 86, 2227628_000, 115553},
		{october(10), 67, 1705180_000, 88462},
		{october(11), 55, 1354442_000, 71712},
		{october(12), 89, 2371313_000, 126598},
		{october(13), 108, 2832131_000, 147281},
		{october(14), 131, 3212044_000, 163514},
		{october(15), 91, 2349050_000, 123715},
		{october(16), 97, 2475895_000, 129873},
		{october(17), 74, 1987628_000, 105922},
		{october(18), 85, 2242540_000, 123185},
		{october(19), 117, 2885537_000, 155292},
		{october(20), 107, 2898061_000, 153815},
		{october(21), 140, 3355729_000, 179559},
		{october(22), 87, 2188888_000, 117668},
		{october(23), 133, 3498221_000, 178823},
		{october(24), 62, 1511175_000, 82667},
		{october(25), 57, 1457293_000, 78980},
		{october(26), 91, 2166800_000, 118302},
		{october(27), 102, 2650213_000, 143834},
		{october(28), 131, 3438866_000, 180723},
		{october(29), 95, 2430928_000, 127821},
		{october(30), 117, 3136928_000, 161013},
		{october(31), 90, 1849145_000, 99094},
	}
}
