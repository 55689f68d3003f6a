package simulate

var firstNames = []string{
	"Anke", "Ayşe", "Björn", "Britta", "Cem", "Christiane", "Detlef", "Emine", "Frauke", "Fritz", "Gesa", "Günther",
	"Hannah", "Hinnerk", "Imke", "Ingo", "Jörg", "Jürgen", "Käthe", "Karl-Heinz", "Lars", "Levke", "Maike", "Mehmet",
	"Meike", "Nils", "Okke", "Ole", "Piet", "Ragna", "René", "Silke", "Sönke", "Sören", "Svenja", "Thore", "Ulrike",
	"Viktória", "Wiebke", "Zoë",
}

var lastNames = []string{
	"Ahlers", "Bäcker", "Brüggemann", "Carstensen", "Claßen", "Dürkop", "Ehlers", "Feddersen", "Förster", "Groß",
	"Hansen", "Hölzer", "Iversen", "Jöhnk", "Jürgensen", "Kählert", "Köster", "Kröger", "Lührs", "Lüttjohann",
	"Matthiesen", "Möller", "Müller", "Nissen", "Öztürk", "Petersen", "Preuß", "Quast", "Rönnfeldt", "Schäfer",
	"Schönberg", "Schröder", "Stüven", "Thießen", "Tönnies", "Uhlenbrock", "von der Heyde", "Voß", "Weiß", "Yıldız",
}

var doubleNames = []string{"Freifrau von Rönnebeck-Wüstenhagen", "Groß-Schönebeck", "Müller-Lüdenscheidt", "Schulze-Süßmilch"}

var trades = []string{
	"Bäckerei %s", "Dachdeckerei %s & Söhne OHG", "%s Elektrotechnik GmbH", "Gärtnerei %s", "%s Logistik GmbH & Co. KG",
	"Hausverwaltung %s mbH", "Kanzlei %s & Partner", "Malermeister %s", "%s Pflegedienst gGmbH", "Tischlerei %s GmbH",
	"Gesellschaft für nachhaltige Wärme- und Kälteversorgung %s mit beschränkter Haftung & Co. Kommanditgesellschaft",
	"Überlandwerk %s Servicegesellschaft für Mess- und Zählerwesen mbH",
}

var streets = []string{
	"Ahornweg", "Am Mühlenbach", "Bahnhofstraße", "Deichstraße", "Dorfstraße", "Eckernförder Chaussee", "Fährstraße",
	"Gänsemarkt", "Große Elbstraße", "Hafenstraße", "Königsweg", "Lübecker Straße", "Möwenstieg", "Nordring",
	"Süderdamm", "Ulmenallee",
}

// towns are postal code and name.
var towns = []struct{ code, name string }{
	{"20095", "Hamburg"},
	{"22763", "Hamburg"},
	{"21073", "Hamburg"},
	{"24103", "Kiel"},
	{"24114", "Kiel"},
	{"23552", "Lübeck"},
	{"24937", "Flensburg"},
	{"24534", "Neumünster"},
	{"25813", "Husum"},
	{"24340", "Eckernförde"},
	{"25746", "Heide"},
	{"18055", "Rostock"},
	{"19053", "Schwerin"},
	{"28195", "Bremen"},
	{"21335", "Lüneburg"},
	{"10179", "Berlin"},
	{"23843", "Bad Oldesloe"},
	{"24768", "Rendsburg"},
}
