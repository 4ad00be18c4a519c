"""Names and words of the made-up world: plausible, and nobody's.

Whatever looks like a real company or person here is chance. Addresses live below example.com and
example.de, which belong to nobody.
"""

COMPANY = "Wendrath Dichtungssysteme AG"
OUR_DOMAIN = "wendrath.example.com"

WOMEN = (
    "Andrea", "Anke", "Birgit", "Carolin", "Claudia", "Daniela", "Elif", "Eva", "Franziska", "Friederike",
    "Gesa", "Heike", "Ina", "Jana", "Julia", "Kerstin", "Lena", "Magdalena", "Manuela", "Miriam", "Nicole",
    "Olga", "Patrizia", "Regina", "Silke", "Simone", "Svenja", "Tanja", "Ulrike", "Verena",
)  # fmt: skip
MEN = (
    "Achim", "Alexander", "Benedikt", "Björn", "Christoph", "Daniel", "Detlef", "Emre", "Florian", "Gerd",
    "Hendrik", "Holger", "Ingo", "Jan", "Jochen", "Kai", "Lars", "Lukas", "Marek", "Matthias", "Michael",
    "Norbert", "Peer", "Ralf", "Rüdiger", "Steffen", "Thomas", "Uwe", "Volker", "Wolfgang",
)  # fmt: skip
SURNAMES = (
    "Ahrendt", "Asmussen", "Bärwald", "Behnke", "Bischoping", "Brauckmann", "Burmester", "Clasen", "Damerow",
    "Dörrbecker", "Ebeling", "Eickhoff", "Fehrmann", "Fiedler", "Gantenbein", "Gerlitz", "Göpfert", "Hartung",
    "Hasselbring", "Heidenreich", "Hüsken", "Immendorf", "Jacobsen", "Kirchhain", "Klevenow", "Kowalczyk",
    "Kürten", "Landgraf", "Lüttmann", "Marquardt", "Mertesdorf", "Mönkemeier", "Nagelschmidt", "Niehues",
    "Obermüller", "Osterkamp", "Paulick", "Pohlmann", "Quante", "Rautenberg", "Reinartz", "Röwekamp",
    "Sattelmaier", "Schäfferling", "Schlüter", "Seibold", "Stahlhut", "Süßmilch", "Tegtmeier", "Tiedemann",
    "Überall", "Voßkuhle", "Wackernagel", "Weidemann", "Wiechers", "Yildiz", "Zechmeister", "Zumbusch",
)  # fmt: skip
ENGLISH_WOMEN = ("Alice", "Charlotte", "Diane", "Fiona", "Harriet", "Joanne", "Priya", "Rachel", "Sophie")
ENGLISH_MEN = ("Adrian", "Callum", "Gareth", "Imran", "Martin", "Neil", "Oliver", "Rhys", "Stuart")
ENGLISH_SURNAMES = (
    "Ashdown", "Barlow", "Chowdhury", "Denholm", "Fairclough", "Garside", "Holroyd", "Kershaw", "Langley",
    "Mottram", "Oakes", "Pemberton", "Redfern", "Sutcliffe", "Thornley", "Wainwright",
)  # fmt: skip

# (root of the name, what follows, industry, city, region of its holidays)
CUSTOMERS = (
    ("Muster", "AG", "Maschinenbau", "Köln", "NW"),
    ("Brenkhoff", "Landtechnik GmbH", "Landtechnik", "Münster", "NW"),
    ("Rautenfels", "Hydraulik AG", "Hydraulik", "Würzburg", "BY"),
    ("Kestrup", "Windenergie SE", "Windenergie", "Bremerhaven", "HB"),
    ("Vossbeck", "Nutzfahrzeuge AG", "Nutzfahrzeuge", "Hannover", "NI"),
    ("Obergassel", "Antriebe GmbH & Co. KG", "Antriebstechnik", "Ulm", "BW"),
    ("Eschenried", "Baumaschinen AG", "Baumaschinen", "Augsburg", "BY"),
    ("Northgate", "Process Systems Ltd", "Anlagenbau", "Leeds", None),
    ("Tannhof", "Pumpen GmbH", "Pumpen", "Heilbronn", "BW"),
    ("Wallrade", "Getriebewerk GmbH", "Antriebstechnik", "Bochum", "NW"),
    ("Mühlbrand", "Verpackungsmaschinen KG", "Verpackung", "Nürnberg", "BY"),
    ("Grotewold", "Schiffstechnik GmbH", "Schiffbau", "Kiel", "SH"),
    ("Steinhübel", "Fördertechnik AG", "Fördertechnik", "Karlsruhe", "BW"),
    ("Ostertal", "Medizintechnik GmbH", "Medizintechnik", "Tübingen", "BW"),
    ("Hagenrode", "Stahlbau GmbH", "Stahlbau", "Duisburg", "NW"),
    ("Aldermoor", "Filtration plc", "Filtertechnik", "Bristol", None),
    ("Zeppenau", "Aerostruktur GmbH", "Luftfahrt", "Friedrichshafen", "BW"),
    ("Quellmoor", "Armaturen GmbH", "Armaturen", "Oldenburg", "NI"),
    ("Dornhege", "Kältetechnik GmbH", "Kältetechnik", "Mainz", "RP"),
    ("Ellerbrück", "Bahntechnik AG", "Bahntechnik", "Kassel", "HE"),
    ("Pfaffenroth", "Chemieanlagen GmbH", "Chemie", "Ludwigshafen", "RP"),
    ("Schönwasser", "Brauereitechnik KG", "Lebensmitteltechnik", "Bamberg", "BY"),
    ("Nettlau", "Robotik GmbH", "Automation", "Dresden", "SN"),
    ("Ibersheim", "Druckmaschinen AG", "Druck", "Mannheim", "BW"),
    ("Uhlengrund", "Forsttechnik GmbH", "Forsttechnik", "Göttingen", "NI"),
    ("Kaltenhof", "Textilmaschinen GmbH", "Textil", "Chemnitz", "SN"),
    ("Ringstett", "Kompressoren GmbH", "Drucklufttechnik", "Paderborn", "NW"),
    ("Tiefenau", "Bergbautechnik GmbH", "Bergbau", "Dortmund", "NW"),
    ("Wolfsbach", "Umformtechnik KG", "Umformtechnik", "Stuttgart", "BW"),
    ("Adlerkamp", "Labortechnik GmbH", "Labortechnik", "Göttingen", "NI"),
    ("Blankenrath", "Rohrleitungsbau GmbH", "Rohrleitungsbau", "Koblenz", "RP"),
    ("Cronhagen", "Elektromotoren AG", "Elektromotoren", "Rostock", "MV"),
    ("Düsterloh", "Werkzeugmaschinen GmbH", "Werkzeugmaschinen", "Siegen", "NW"),
    ("Egertal", "Papiertechnik GmbH", "Papier", "Hof", "BY"),
    ("Finkenreuth", "Hebetechnik GmbH", "Hebetechnik", "Bayreuth", "BY"),
    ("Gramberg", "Dosiertechnik KG", "Dosiertechnik", "Lübeck", "SH"),
    ("Hollenried", "Kunststofftechnik GmbH", "Kunststoff", "Landshut", "BY"),
    ("Immelau", "Feuerwehrtechnik GmbH", "Sonderfahrzeuge", "Fulda", "HE"),
    ("Jadewerk", "Offshore Service GmbH", "Offshore", "Wilhelmshaven", "NI"),
    ("Lohrstein", "Mühlenbau KG", "Mühlenbau", "Erfurt", "TH"),
)
SITES = ("Werk Süd", "Werk Nord", "Service", "Ersatzteile", "Werk Ost")

# Product group -> margin in per cent
PRODUCTS = {
    "Wellendichtungen": 34,
    "Hydraulikdichtungen": 31,
    "Flachdichtungen": 24,
    "Formteile": 28,
    "Service": 46,
}
RIVALS = ("Nordring Seals", "Talbach Dichtwerk", "Uniflex Dichtungen")


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens: for keys and addresses."""
    plain = text.lower().translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i"}))
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in plain).split())
