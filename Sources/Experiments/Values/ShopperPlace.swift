/// Where a shopper is, as far as anybody said: what laws on prices and taxes go by.
///
/// What cannot be read is not known, and what is not known is never taken for another place: "XX", as networks say of
/// whom they cannot place, is no country, and a region of the United States that is none of theirs is no region.
public struct ShopperPlace: Sendable, Hashable {
    /// ISO 3166-1 alpha-2, in capitals; nil where it is not known.
    public let country: String?
    /// ISO 3166-2 without the country, in capitals: `NY`; nil where it is not known.
    public let region: String?

    public static let unknown = ShopperPlace()

    /// - Parameters:
    ///   - country: two letters in either case; also `USA`, `UK` and `EL`, which people write.
    ///   - region: `NY`, `US-NY`, or `New York`, the only one known by its name.
    public init(country: String? = nil, region: String? = nil) {
        let country = country.flatMap(Self.country)
        self.country = country
        self.region = country.flatMap { country in region.flatMap { Self.region($0, of: country) } }
    }

    /// Of `country` and `region` among what is known of a shopper.
    public init(_ attributes: Attributes) {
        func text(_ name: String) -> String? {
            guard case .string(let text)? = attributes[name] else { return nil }
            return text
        }
        self.init(country: text("country"), region: text("region"))
    }

    /// `DE`, `US-NY`; nil for anything else.
    public init?(code: String) {
        let parts = code.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(country: String(parts[0]), region: parts.count > 1 ? String(parts[1]) : nil)
        guard self.code == code else { return nil }
    }

    /// `DE`, `US-NY`; nil where not even the country is known.
    public var code: String? { country.map { country in region.map { "\(country)-\($0)" } ?? country } }

    /// What is known of two that speak of one shopper: the first, and the second where that says nothing.
    public func filled(from other: ShopperPlace) -> ShopperPlace {
        guard let country else { return other }
        return region == nil && other.country == country ? other : self
    }

    private static func country(_ text: String) -> String? {
        let code = text.uppercased()
        let known = ["USA": "US", "UK": "GB", "EL": "GR"][code] ?? code
        return countries.contains(known) ? known : nil
    }

    private static func region(_ text: String, of country: String) -> String? {
        var code = text.uppercased()
        if code.hasPrefix(country + "-") { code = String(code.dropFirst(country.count + 1)) }
        if country == "US" {
            if code == "NEW YORK" { code = "NY" }
            return states.contains(code) ? code : nil
        }
        let isOne =
            (1...3).contains(code.utf8.count)
            && code.utf8.allSatisfy { (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) }
        return isOne ? code : nil
    }

    /// ISO 3166-1, with Kosovo's code, which is in use and not in it.
    private static let countries = words(
        """
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
        CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
        FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
        JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
        MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
        PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
        TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
        """)

    /// The states, the District of Columbia and the territories.
    private static let states = words(
        """
        AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR \
        PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR UM VI
        """)

    private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }
}
