/// Names, codes and by-names of money.
enum Currencies {
    static let names = """
        zwanni zwannis fuffi fuffis hunni hunnis huni zwickel teuronen
        dollar dollars dollarz dollaz dolla dollers doller dolar dolares dolars dolary dolarow dollari dollaro dolara
        dolarlar buck bucks buckaroos greenback greenbacks smackers smackeroos simoleons benjamins hamiltons lincolns
        moolah quid quids nicker pound pounds penny pennies pence cent cents centimes centime centavo centavos centimo
        centimos centesimi euro euros euroes eurocent eurocents eurot euroa teuro eur usd gbp yen yens yuan renminbi
        rmb jpy cny inr chf cad aud nzd sek nok dkk pln zloty zlotych zlote zlotys grosz groszy czk koruna korun
        koruny kronor krona krone kroner krones kronen huf forint forints bgn leva lira liras lire lirasi rouble
        roubles ruble rubles rubel rublos rubli rubley kopeck kopecks uah hryvnia grivna ils shekel shekels riyal
        riyals rials aed dirham dirhams dinar dinars kwd bhd omr qar egp guineas franc francs franken franco francos
        rappen rupee rupees rupie rupien rupias rupia roupies roupie rupaye rupay rupaiye rupya paise paisa bdt taka
        pkr lkr npr thb baht vnd dong idr rupiah peso pesos pesetas peseta mxn brl reais reis cruzeiro krw wons twd
        hkd sgd myr ringgit ringgits zar ngn naira shilling shillings ghs cedi lyd tnd xof xaf btc bitcoin bitcoins
        satoshi satoshis ethereum usdt usdc stablecoin crypto dogecoin escudo escudos kroeten kröten tacken piepen
        moneten pavos fric pognon euri eurini nickel nickels dime dimes tenge manat lari denar dalasi kwacha bolivar
        bolivares boliviano bolivianos quetzal lempira colones guarani guaranies balboa florin florins guilder
        guilders ducat ducats thaler taler groschen pfennig pfennige schilling schillinge drachma drachmas markka
        kopek dinero
        """

    /// ISO 4217 codes that are no word of a spoken language, even in capitals.
    static let codes = """
        afn amd ang aoa awg azn bam bbd bgn bhd bif bmd bnd bob bsd btn bwp byn bzd cdf crc cve czk djf dkk dop dzd
        egp ern etb fjd fkp gel gip gmd gnf gtq gyd hkd hnl htg huf idr iqd irr isk jmd jod jpy kgs khr kmf kpw krw
        kwd kyd kzt lbp lkr lrd lsl lyd mdl mga mkd mmk mnt mru mvr mwk mxn myr mzn nad ngn nok npr nzd omr pgk php
        pkr pln pyg qar rsd rwf sbd scr sdg sgd shp sle srd ssp stn svc syp szl thb tjs tmt tnd ttd twd tzs uah ugx
        usd usn uyu uzs ved vnd vuv wst xaf xcd xof xpf yer zar zmw zwg
        """

    static let stems = "dollar"
}
