/// Words that give a price up, in whole or in part, or bargain over it.
enum Concessions {
    /// Refused wherever they stand inside a word.
    static let stems = """
        discount rabatt nachlass gratis kostenlos kostenfrei gebuehrenfrei gebuhrenfrei ermaessig ermassig verguenstig
        vergunstig guenstiger gunstiger preiswert gutschein schnaeppchen schnappchen spottpreis sonderpreis sonderangebot
        rebaj descuent descont gratuit cashback giveaway bargain freebie wholesale grosshandelspreis einkaufspreis
        selbstkosten geschenkt rebate voucher coupon remise ristourne undercut markdown preisnachlass sparpreis korting
        kortings sconto sconti scontat indirim bedava ucretsiz znizk promocj
        """

    static let english = """
        free freely freebie freebies off dicsount discout disscount deal deals waive waived waives waiving waiver
        complimentary comped compd gratuitous gratuitously reduced reduction reductions cheap cheaper cheapest cheaply
        slashed slashing slashes shaving undercut undercuts negotiate negotiable negotiated negotiating negotiation
        negotiations haggle haggled haggling bargaining concession concessions markdown markdowns promo promos
        promotion promotions promotional promocode coupons vouchers clearance rebates bonus bonuses giveaways bogo
        bogof saving savings sweeten sweetener sweetened bundle bundled bundles kickback wholesale loyalty kickbacks
        allowance zilch costless priceless underprice underpriced overpriced lesser cheapo payless handout subsidise
        subsidize subsidised subsidized offs dealio bargains windfall
        """
    static let german = """
        halbpreis
        umme lau
        frei freie freier freies umsonst billig billiger billigste billigsten guenstig gunstig guenstige gunstige
        guenstigen gunstigen guenstigste gunstigste guenstigeren reduziert reduzierte reduzierten reduzieren
        reduzierung reduziere gesenkt senkung erlass erlassen erlasse erlaesst schenken schenke schenkt 
        gutschreiben gutschrift sparen sparst spart ersparnis gespart aktion aktionspreis angebot angebote
        angebots verhandeln verhandle verhandelbar verhandlung verhandlungen verhandlungsbasis feilschen abzug
        abziehen abgezogen prozente prozentig runtergesetzt heruntergesetzt herabgesetzt entgegenkommen entgegenkomme
        skonto bonus boni treuebonus zugabe dazugeben obendrauf obendrein preisvorteil vorteilspreis
        freundschaftspreis mitarbeiterpreis stammkunden stammkundenpreis unterbieten unterbiete schnapper ausverkauf
        schlussverkauf abschlag nix pauschal preissturz tiefpreis bestpreis spendieren spendiere spendiert gesponsert
        deal deals schlussverkaufs nulltarif
        """
    static let spanish = """
        gratis gratuito gratuita gratuitos gratuitas descuento descuentos oferta ofertas ofrezco rebaja rebajas
        rebajado rebajada rebajar rebajo promocion promociones promo cupon cupones vales bono bonificacion bonificado
        regalar regalamos regalado regalada barato barata baratos baratas economico economica ahorro ahorros ahorrar
        ahorras ahorra ahorrate reduccion reduzco bajarlo bajarte rebajarte negociar negociable negociamos negociacion
        regatear regateo ganga gangas chollo chollos liquidacion reembolso reembolsar igualar igualo igualamos
        igualacion perdonar perdono condonar exento exencion cortesia invitacion quitamos descontar descontamos
        descuenta saldo saldos remate ofertazo mayorista dejartelo rematamos
        """
    static let french = """
        gratuit gratuite gratuits gratuites gratuitement gratos offert offerte offerts offertes offre offres rabais
        reduction reductions reduisons reduis solde soldes solder promo promos promotion promotions promotionnel bonus
        ristournes remises economie economies economiser economisez negocier negociable negocie negociation
        negociations marchander marchandage baisser baisse baissons baissez aligner aligne alignons egaler deduire
        deduit deduction deduisons exonerer exonere grossiste braderie destockage liquidation rabaisser brade bradons
        """
    static let foreign = """
        graca         gratuito gratuita gratis sconto sconti scontato scontata scontiamo saldi offerte omaggio risparmi risparmia
        risparmiare ribasso ribassato trattabile sottocosto abbuono desconto descontos gratuitamente brinde promocao
        oferta ofertas barato barata metade poupar poupa economize abatimento liquidacao negociavel cortesia korting
        kortingen goedkoper goedkoop aanbieding aanbiedingen afgeprijsd bespaar bespaart actieprijs onderhandelen
        tegoedbon weggevertje kosteloos rabat rabatu rabaty znizka znizki darmo darmowy darmowa darmowe gratisowy
        promocja promocji taniej tanio okazja wyprzedaz przecena bezplatnie bezplatny kupon upust upustu obnizka
        indirim indirimli bedava ucretsiz hediye kampanya ucuz ucuza firsat pazarlik yarisi rabatt billigare billigt
        erbjudande tilbud tilbudet billigere billigst halvpris presang alennus alennusta ilmainen ilmaiseksi halvempi
        tarjous lahja sleva slevy slevu zdarma levneji levny darek zlava zlavu zadarmo reducere reduceri gratuit
        ieftin cadou kedvezmeny ingyen olcsobb akcio ajandek diskon potongan murah obral percuma waribiki muryou
        nebiki yasuku otoku mianfei zhekou youhui dazhe pianyi songni chhoot muft sasta riyayat khasm majani majanan
        takhfid skidka besplatno darom deshevle skidku skidki ekptosi dorean prosfora diskwento tawad muryo punguzo
        """
}
