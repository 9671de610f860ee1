/// The words that may stand in a sentence about money. Whatever is not among them, no fact and no slot is refused there,
/// so that an amount cannot be told in a way nobody thought of: "a Benjamin", "what your neighbour paid".
enum Vocabulary {
    static let english = """
        a an the this that these those it its i im you your yours we our us me my they their them is are am was be been being
        will would can could may might must shall should do does did done have has had not yes ok okay sure please thanks
        thank sorry hello hi hey welcome good great perfect lovely glad happy of course certainly absolutely well so and or
        but if then when while until as at by for from in into to with about here there now today right current currently
        just only also too again still already before after who which how what where why s t d m re ll ve don isn aren won
        wouldn couldn doesn didn hasn haven
        see shows show shown showing find found look looking tell told ask asked asking give gives get gets set sets fixed
        final valid stay stays apply applies confirm confirms confirmed confirming check checked checking review reviewed
        place placed placing order orders ordered ordering buy buying purchase purchases purchasing checkout cart basket bag
        add added adding continue continuing proceed go going ready complete completed completing finish
        finished click tap press button page choose chosen select selected pick picked want wants like need needs know help
        let lets think feel prefer use using
        price prices priced pricing cost costs costing pay pays paying paid payment payments total totals amount quote
        quoted quotes product products item items size sizes color colors colour colours model models option options card
        cards credit debit bank transfer paypal apple google visa mastercard klarna invoice account shop store seller
        merchant team colleague colleagues person human customer customers shopper moment time minutes hours day days
        delivery shipping address details number email question questions any anything else more information
        exact exactly new black white blue red green grey gray navy brown beige small medium large available stock secure
        safe securely safely easy easily quick quickly individual personal assigned reserved live expire expires expired
        unfortunately afraid happily simply next step steps method methods accept accepted accepts support supported
        jacket shirt tee dress shoe shoes boot boots sneaker sneakers trousers jeans hoodie sweater coat bag cap hat skirt
        sock socks belt scarf gloves watch lamp chair table sofa phone laptop headphones bottle mug book
        similar jackets shirts tees dresses coats bags caps hats skirts chairs tables sofas phones laptops
        bottles mugs books lamps watches belts sweaters hoodies other ahead comes below above screen message chat process receipt soon charge charged
        """
    static let german = """
        der die das den dem des ein eine einen einem einer eines dieser diese dieses diesen diesem ihr ihre ihren ihrem ihrer
        sie ihnen ich wir uns unser unsere unseren mein meine du dir dich dein deine deinen es er man ist sind war waren wird
        werden wurde wurden bin bist hat haben habe hast hatte kann kannst koennen konnen koennte konnte mochte moechte
        mochten moechten moechtest mochtest wollen will willst soll sollen darf durfen duerfen muss mussen muessen nicht
        nein ja gern gerne bitte danke dank vielen hallo guten tag morgen abend willkommen herzlich leider naturlich
        natuerlich selbstverstandlich selbstverstaendlich und oder aber wenn dann bis als wie was wo wer warum welche welcher
        welches welchen ob dass zu zum zur im in an am auf aus bei beim fur fuer von vom mit nach uber ueber um vor durch hier
        dort da jetzt heute aktuell derzeit gerade sofort nur auch noch schon wieder so also sehr gut alles klar
        sehen sieht zeigen zeigt zeige angezeigt angezeigte finden findet gefunden schauen schaue sagen sage nennen nenne fragen
        frage gilt gelten gultig gueltig fest feste fester bleibt bleiben lautet betragt betraegt bestatigen bestaetigen
        bestatige bestaetige bestatigt bestaetigt prufen pruefen prufe pruefe bestellen bestelle bestellung bestellungen
        bestellt kaufen kaufe gekauft kauf kasse warenkorb legen lege gelegt hinzufugen hinzufuegen hinzugefugt hinzugefuegt
        weiter fortfahren gehen geht bereit fertig abschliessen abgeschlossen klicken klick knopf schaltflache schaltflaeche seite wahlen
        waehlen gewahlt gewaehlt brauchen brauche brauchst benotigen benoetigen wissen helfen helfe hilfe nutzen
        macht zusammen jacken hemden kleider hosen taschen uhren lampen insgesamt legt ihn preis preise preises preisen kostet kosten zahlen zahle zahlst zahlung zahlungen bezahlen bezahle bezahlt bezahlung
        betrag gesamt gesamtbetrag gesamtpreis summe gesamtsumme produkt produkte artikel grosse groesse grossen groessen farbe farben modell modelle
        option optionen karte karten kreditkarte bank uberweisung ueberweisung paypal klarna rechnung konto shop laden
        handler haendler team kollege kollegin kollegen mensch kunde kunden kundin moment zeit minuten stunden tage lieferung
        versand adresse daten nummer frage fragen weitere informationen sonst noch etwas
        genau neu neue schwarz weiss blau rot grun gruen grau klein mittel gross verfugbar verfuegbar lager sicher einfach schnell personlich
        personlicher persoenlich persoenlicher individuell individueller lauft laeuft ab abgelaufen oben nachricht chat schritt nachste nachsten naechste
        naechsten zahlungsart zahlungsarten zahlungsmethode akzeptieren moglich moeglich vorgang beleg
        jacke hemd kleid schuh schuhe stiefel hose jeans pullover mantel tasche rock mutze muetze gurtel guertel uhr lampe
        stuhl tisch buch
        """
    static let spanish = """
        el la los las un una unos unas este esta estos estas ese esa eso esto lo le les te se me nos su sus tu tus mi mis
        nuestro nuestra nuestros nuestras yo usted ustedes nosotros es son era fue sera seria estar esta estan estoy ser hay ha han he hemos
        tiene tengo tenemos tienes tener puede puedo puedes podemos podria quiere quieres quiero queremos desea deseas necesita
        necesitas debe no si claro por supuesto favor gracias muchas hola buenos buenas dias tardes noches bienvenido bienvenida lo siento
        lamentablemente y o u e pero cuando entonces hasta como que cual cuales quien donde de del al a en con para desde
        sobre aqui ahi alli ahora hoy actual actualmente solo tambien ya aun muy bien perfecto encantado encantada listo lista
        ver veo ve muestra mostrar muestro mostrado encontrar encontrado buscar busco decir digo dice preguntar pregunta
        preguntas dar doy fijo fija fijos fijado valido valida mantiene aplica confirmar confirma confirmo confirmado confirme comprobar
        compruebo revisar revisa hacer pedido pedidos pedir comprar compra compras carrito cesta bolsa anadir anado anadido
        agregar agrego continuar continuamos seguir proceder terminar finalizar completar pulsa pulse boton pagina elegir elige
        elija elegido seleccionar gustaria gusta saber ayudar ayudo ayudarte ayudarle ayuda usar
        chaquetas camisas vestidos bolsos relojes existencias suma precio precios cuesta cuestan costo coste costes pagar paga pago pagos pague importe total totales cotizacion producto productos articulo
        articulos talla tallas color colores modelo modelos opcion opciones tarjeta tarjetas credito debito banco bancaria
        transferencia paypal bizum factura cuenta tienda vendedor comerciante equipo companero companera persona cliente
        clientes momento tiempo minutos horas dia entrega envio direccion datos numero correo pregunta mas informacion algo
        exacto exactamente nuevo nueva negro blanco azul rojo verde gris pequeno mediano grande disponible disponibles stock
        seguro segura facil rapido individual personal asignado vigente caduca vence arriba mensaje chat paso siguiente proximo metodo metodos
        aceptamos acepta posible proceso recibo
        chaqueta camisa camiseta vestido zapato zapatos bota botas zapatillas pantalon pantalones jersey abrigo bolso falda
        cinturon reloj lampara silla mesa libro
        """
    static let french = """
        le la les un une des ce cet cette ces l d s n m t j c qu il elle on ils elles je vous nous tu te me se votre vos notre
        nos ton ta tes mon ma mes son sa ses leur est sont etait sera serait etes suis sommes etre avez avons ai a as ont avoir peut peux
        pouvez pouvons pourrais pourriez voulez veux voudriez souhaitez souhaite desirez faut doit pas ne oui non bien sur
        volontiers merci bonjour bonsoir bienvenue desole desolee malheureusement et ou mais si alors quand jusqu jusque
        comme que qui quel quelle quels quelles comment de du au aux en dans par pour avec sur depuis vers chez ici la
        maintenant aujourd hui actuel actuelle actuellement seulement aussi deja encore tres parfait ravi ravie tout
        voir vois voit affiche affichee affichent indique indiquee montre trouver trouve regarder regarde dire dis demander demande question questions
        donner donne fixe fixes fixee valable valide reste s applique confirmer confirme confirmez confirmee verifier verifie
        commander commande commandes passer acheter achat achats panier ajouter ajoute ajoutee continuer continuons
        poursuivre proceder finaliser terminer cliquez appuyez bouton page choisir choisissez choisi selectionner besoin
        savoir aider aide utiliser
        cela fait vestes chemises robes sacs montres eleve prix coute coutent cout payer payez paie paye paiement paiements montant total totaux devis produit produits article
        articles taille tailles couleur couleurs modele modeles option options carte cartes credit bancaire banque virement
        paypal facture compte boutique magasin vendeur marchand equipe collegue collegues personne humain client cliente clients
        moment temps minutes heures jour jours livraison adresse donnees numero autre chose plus informations information
        exact exactement nouveau nouvelle noir blanc bleu rouge vert gris petit moyen grand disponible disponibles stock
        securise securisee facile rapide individuel individuelle personnel personnelle attribue expire haut message chat etape suivante
        prochaine moyens moyen mode modes acceptons accepte possible recu
        veste chemise tee robe chaussure chaussures botte bottes baskets pantalon jean pull manteau sac jupe ceinture montre
        lampe chaise table livre
        """

    /// Known, but not where money is the subject: comparisons, measures, the rest of ordinary talk.
    static let moreEnglish = """
        than less other another under below over each every all both same without instead between some few many most much
        very really because since also out up down back away first second last little bit lot even ever never always often
        usually maybe perhaps quite rather around near up make makes made take takes come comes work works wear fit fits
        wash dry clean care cotton wool linen leather soft warm light comfortable waterproof sustainable organic made
        ship ships shipped arrive arrives arrived send sends sent return returns track tracking today tomorrow week weeks
        he she his her him sale sales gift gifts
        it'd ours him home way thing things best better popular style styles looks colour length width
        """
    static let moreGerman = """
        mehr weniger andere anderen anderer anderes unter alle allen beide gleiche selben ohne statt zwischen einige viele
        viel weil seit heraus zuruck zurueck weg erste ersten zweite zweiten letzte bisschen immer oft vielleicht ziemlich etwa
        machen macht nehmen nimmt kommen kommt passt passen tragen waschen trocken baumwolle wolle leinen leder weich warm
        leicht bequem wasserdicht nachhaltig liefern geliefert senden zuruckschicken sendung morgen woche wochen werktage
        euch eure euer seine sein welch kein keine keinen keiner keinem sei bin ihm ihn wird sehr wasser hergestellt
        rucksendung besonders material schnitt fallt faellt aus eher angenehm ideal passend lieber waere ware
        """
    static let moreSpanish = """
        menos otro otra otros otras bajo todos todas cada ambos mismo misma sin entre algunos muchos mucho mucha porque
        fuera atras primero primera segundo segunda ultimo siempre nunca quizas bastante cerca hace hacen tomar llega llegan
        queda quedan lavar algodon lana lino cuero piel suave calido ligero comodo impermeable sostenible enviar enviamos
        enviado devolucion devoluciones manana semana semanas laborables ellos ellas ella sus ven van via hecho hecha
        medio media gran mejor tal vez dime digame cuentame sirve ideal calidad material corte ajuste

        """
    static let moreFrench = """
        moins autres sous dessous tous toutes chaque meme memes sans entre quelques plusieurs beaucoup parce puisque dehors
        retour premier premiere second seconde dernier toujours jamais souvent peut assez environ pres fait font faire prendre
        prend arrive arrivent va vont convient laver lavable coton laine lin cuir doux douce chaud chaude leger legere
        confortable impermeable durable envoyer expedier expediee expedions colis demain semaine semaines ouvres eux lui cela
        ca est y dont ainsi entre matiere coupe qualite ideal tres bon bonne belle beau
        """

    /// Makes a sentence one about money.
    static let money = """
        quote quotes quoted total totals sum bill discounted
        price prices priced pricing cost costs costing pay pays paying paid payable payment charge charges charged fee fees
        amount amounts pricetag sticker rate rates spend spending worth budget expensive affordable money cash wallet
        cheque invoice invoiced tax taxes vat surcharge billed bill owe owed owes refund refunds afford inexpensive pricey
        preis preise preises preisen kostet kosten kostete zahlen zahlt zahlst zahle bezahlen bezahlt bezahlst bezahle betrag
        gesamtbetrag gesamtpreis summe gebuhr gebuehr gebuhren gebuehren teuer teurer geld bargeld versandkosten lieferkosten
        listenpreis steuer mwst mehrwertsteuer berechnen berechne verlange verlangen kostenpunkt ausgeben erstatten erstattung
        precio precios cuesta cuestan costar costaria costara coste costo costes pagar pagas paga pagaras pague pagara
        importe tarifa cobro cobramos cobrar cobra caro cara dinero efectivo iva impuesto impuestos gastos presupuesto tasa saldria
        prix coute coutent couter coutera coutait payer payez paye paies paierez paiement montant tarif tarifs facturer
        facture facturons cher chere argent especes tva taxe taxes frais budget couterait reglez regler rembourser
        prezzo preco prijs cena cene fiyat pris priset prisen hinta pret
        """

    /// Directly before an amount it says that the amount is another.
    static let bound = """
        not was were nicht war kein era no etait pas
        from about around by near below under above over up off less minus plus almost nearly roughly save
        ab etwa rund circa ca um unter fast knapp bis
        desde unos unas sobre partir bajo casi hasta
        des environ vers jusqu sous presque contre
        """

    /// Makes a number that stands alone a measure.
    static let measure = """
        size sizes sized length width height weight waist chest inseam measure measures measurement measurements long wide
        tall deep diameter capacity volume model version number eu uk us cotton polyester elastane linen wool composition
        material temperature wash warranty grosse groesse grossen groessen lange laenge breite hohe hoehe gewicht bundweite
        masse modell nummer zusammensetzung garantie lang breit hoch talla tallas largo ancho alto peso medida medidas
        altura longitud modelo composicion garantia numero taille tailles longueur largeur hauteur poids mesure mesures
        modele numero composition matiere garantie pointure pointures numero
        """
}
