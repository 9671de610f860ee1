// What shoppers say, by intent: English, German, Spanish, French. Without accents, as `SaidWords` reads them.

extension IntentRules {
    static let person = """
        human|real person|talk to a*|talk to some*|speak to|speak with|talk with|an agent|customer service
        customer support|representative|operator|somebody real|live chat
        menschen|mensch|mitarbeiter*|jemandem sprechen|jemandem reden|mit jemandem|kundenservice|kundendienst|berater*
        echten person|telefonisch|echten menschen
        hablar con|una persona|un humano|un agente|atencion al cliente|servicio al cliente|operador*|asesor*
        alguien de verdad|me atienda
        parler a|parler avec|une personne|un humain|conseiller*|service client|un agent|operateur|vrai humain|vraie personne
        """

    static let status = """
        my order|order status|order number|my package|my parcel|has shipped|been shipped|track*|delivery status
        will it arrive|when does it arrive|arrive|i paid|i have paid|already paid|payment go through|did it go through
        still waiting|my stuff|where s my|where is my|where are my|has it shipped|shipped yet|did it ship|it shipped|been sent
        meine bestellung|bestellstatus|bestellnummer|mein paket|meine lieferung|verschickt|sendung*|kommt es an
        ankommen|immer noch nicht|nicht angekommen|nicht da$|wo bleibt|wo ist mein*|versendet|schon unterwegs|ist es unterwegs|paket unterwegs|schon bezahlt|habe bezahlt|bezahlt
        mi pedido|estado del pedido|mi paquete|numero de pedido|enviaron|enviado|cuando llega|llegara|ya pague
        donde esta mi|donde estan mis|se ha enviado|lo han enviado|ya salio|no me llega*|no llega*|he pagado|el pago|seguimiento|mi envio
        ma commande|statut de la commande|mon colis|numero de commande|expedie*|ca arrive|arrivera|deja paye|j ai paye
        ou est mon|ou est ma|ou sont mes|ou en est|ete envoye*|a ete expedi*|rien recu|pas recu|pas arrive*|le paiement|suivi|ma livraison
        """

    static let robot = """
        are you human|are you a human*|are you a person|are you a real*|are you real|are you a bot|are you a robot|are you a machine
        are you ai|are you an ai|is this a bot|is this a robot|is this a human|you a bot|you a robot|am i talking to*|are u human|are u a bot|are u real|who are you
        am i chatting with*|am i speaking to*|am i speaking with*
        bist du ein|bist du eine|sind sie ein|sind sie eine|bist du echt|sind sie echt|spreche ich mit einem|spreche ich mit einer|rede ich mit einem|rede ich mit einer
        schreibe ich mit einem|schreibe ich mit einer|mit einem bot|mit einem roboter|wer bist du|wer sind sie|ist das ein bot|ist das ein roboter
        eres un|eres una|es usted un|es usted una|eres human*|quien eres|quien es usted|es usted human*|eres real|estoy hablando con un|estoy hablando con una|hablo con un|hablo con una|usted es un
        etes vous un|etes vous une|es tu un|es tu une|vous etes un|tu es un|t es un|etes vous humain*|es tu humain*|je parle a un*|je parle avec un*
        qui es tu|qui etes vous|est ce que je parle*
        """

    static let service = """
        refund*|money back|to return|return it|return this|return them|return policy|returns|^return$|a return|send it back
        send this back|send back|exchange it|exchange this|shipping$|shipping cost*|shipping fee*|shipping time*|shipping take*|shipping to|is shipping|the shipping|do you ship|you ship to|ship to|ship it|do you deliver
        you deliver|delivery|deliver to|deliver it|complaint|complain
        ruckerstatt*|erstatt*|geld zuruck|zuruckgeb*|zuruckschick*|zurucksend*|rucksend*|ruckgabe*|retoure*|umtausch*|reklam*
        versandkosten|versandzeit*|^versand$|der versand|den versand|zum versand|liefern sie|liefert ihr|lieferung|lieferzeit*
        lieferkosten|widerruf*|beschwer*
        reembols*|devolver*|devolucion*|devuelv*|mi dinero|envio|envios|envian|gastos de envio|plazo de entrega|la entrega
        reclam*|queja
        rembours*|un retour|le retour|^retour$|retourner|les retours|renvoyer|le rendre|la rendre|echanger|livraison*|livrez
        frais de port|l expedition|reclam*|plainte
        """

    static let payment = """
        how do i pay|how can i pay|how to pay|how should i pay|where do i pay|where can i pay|pay with|pay by|payment method*
        payment option*|accept card*|accept credit*|accept paypal|take card*|take credit*|take paypal|by card|by invoice
        wie bezahle|wie zahle|wie kann ich bezahlen|wie kann ich zahlen|wo bezahle|wo zahle|wo kann ich bezahlen|zahlungsart*
        zahlungsmethode*|zahlungsmoglich*|mit karte|mit kreditkarte|mit paypal|auf rechnung
        como pago|como puedo pagar|como se paga|donde pago|donde puedo pagar|formas de pago|forma de pago|metodos de pago
        metodo de pago|medios de pago|pagar con|con tarjeta|aceptan tarjeta*|aceptan paypal
        comment je paie|comment je paye|comment payer|comment puis je payer|comment on paie|ou payer|ou puis je payer
        moyens de paiement|moyen de paiement|modes de paiement|payer par|payer avec|par carte|carte bancaire|acceptez vous
        """

    /// Asks which of them, or for others, and not for another price.
    static let cheapest = """
        which one is cheaper|which is cheaper|which one s cheaper|which s cheaper|which are cheaper|cheapest|^cheaper$
        something cheaper|anything cheaper|a cheaper one|cheaper ones|cheaper options
        welche ist gunstiger|welcher ist gunstiger|welches ist gunstiger|was ist gunstiger|welche ist billiger
        welcher ist billiger|welches ist billiger|was ist billiger|gunstigste*|gunstigsten|billigste*|billigsten|^gunstiger$
        ^billiger$|gunstigeres|billigeres
        cual es mas barat*|cual es el mas barat*|cual es la mas barat*|el mas barato|la mas barata|los mas baratos|^mas barat*
        algo mas barato|algo mas economico|cual es mas economic*|cual sale mas barat*
        le moins cher|la moins chere|les moins cher*|lequel est moins cher|laquelle est moins chere|^moins cher$|^moins chere$
        quelque chose de moins cher|lequel est le moins cher
        """

    static let negotiate = """
        discount*|coupon*|voucher*|promo*|too expensive|so expensive|cheaper|better price|best price|lower price
        lower the price|match the price|price match*|negotiat*|bargain*|haggl*|deal|reduce the price|knock off
        student price|special price|too much money|pay less|percent off|too pricey|on sale|a sale|knock a*|knock some|go lower
        come down|rip off|overpriced|too steep|percent less|percent cheaper|half price|half the price|for half|deals
        rabatt*|gutschein*|zu teuer|billiger|gunstiger|besseren preis|bester preis|preisnachlass|nachlass*|verhandel*
        prozent*|skonto|handeln|weniger bezahlen|sonderpreis|preis senken|entgegenkommen
        zu viel geld|was am preis|wucher|abzocke|percent drauf|percent weniger|percent runter|halber preis|halben preis
        halbe preis
        descuento*|cupon*|rebaja*|demasiado caro|muy caro|mas barato|mejor precio|oferta*|negociar*|regatear
        bajar el precio|codigo promocional|precio especial|me lo deja|dejamelo|cuesta mucho|mas economico
        percent menos|mitad de precio|mitad del precio
        remise*|reduction*|rabais|code promo*|trop cher*|moins cher*|meilleur prix|negocier*|promotion*|ristourne*
        baisser le prix|prix special|geste commercial|marchander|effort sur le prix
        percent de moins|percent en moins|moitie prix|un geste
        """

    static let compare = """
        compar*|difference between|which is better|versus|vs
        vergleich*|unterschied*|welches ist besser
        diferencia*|cual es mejor
        quelle est la difference|lequel est mieux|lequel est le mieux
        """

    static let price = """
        how much|price|prices|cost|costs|pricing|what do you charge|the damage
        was kostet|was kosten|kostet|kosten|wie viel|wieviel|wie teuer|preis|preise
        cuanto cuesta*|cuanto vale*|cuanto es|precio*|cuesta|a cuanto|cuanto|en cuanto sale
        combien|prix|coute|coutent|tarif*
        """

    /// Asked with "how much" too, and not for a price.
    static let measures = """
        weigh|weighs|heavy|wie schwer|wie gross|wie lang|cuanto pesa|cuanto mide|pese combien|combien pese
        combien mesure|mesure combien
        """

    static let details = """
        tell me more|more about|more detail*|more info*|details|describe|made of|made from|how big|how tall|how heavy
        how long is|what size|does it|is it|do they|are they|can it|which size*|which colo*|come in|specs|material
        warranty|about it|survive*|hold up|how durable
        mehr daruber|mehr dazu|mehr details|mehr info*|details|beschreib*|woraus|wie gross|wie schwer|wie lang
        welche grosse|welche farbe*|ist das|ist es|ist er|ist sie|gibt es das|gibt es die in|gibt es den in|kann man
        passt das|passt es|hat es|hat sie|hat er|genauer|material|halt das|halt es|aushalt*
        cuentame mas|mas detalle*|mas informacion|detalles|describ*|de que esta|hecho de|que tamano|que talla
        lo tienen en|la tienen en|viene en|se puede|es resistente|que color*|material|caracteristicas|garantia|aguanta*|resiste*
        dites m en plus|en savoir plus|plus de detail*|plus d info*|details|decri*|fait en|fabrique|quelle taille
        quelle couleur|ca existe|existe en|est ce que c est|est ce que ca|est ce qu il|est il|est elle|matiere
        caracteristiques|garantie|resiste*
        """

    static let more = """
        what else|something else|anything else|^next$|show more|more options|other option*|others|another one|other one*
        different one*|any other*|see more|more please|none of these|keep looking|a different*|anything different
        sonst noch|etwas anderes|was anderes|^weiter$|andere|anderes|noch andere|mehr anzeigen|mehr zeigen|nachste
        weitere|alternativ*|noch mehr
        que mas|otra cosa|siguiente*|otras|otros|otra opcion|mas opciones|ver mas|algo distinto|algo diferente|ensename mas|alternativ*
        autre chose|quoi d autre|d autre|d autres|autres|suivant*|voir plus|alternativ*|montrez en plus
        """

    static let choose = """
        that one|this one|the other one|i like that|i like this|i prefer|i would go with|i d go with|i choose
        das da|dieses hier|diesen hier|diese hier|gefallt mir das|lieber das|lieber die|lieber den|ich wahle
        me gusta ese|me gusta esa|me gusta este|me gusta esta|ese de ahi|prefiero|me quedo con|elijo|escojo
        celui la|celle la|celui ci|celle ci|je prefere|je choisis
        """

    static let buy = """
        i ll take|i will take|i take|buy now|buy it|buy this|buy that|buy them|^buy$|check out|checkout|order it|order this
        order that|order now|place the order|place order|to my cart|to cart|to the cart|to my basket|to pay|pay now
        ^pay$|^pay |let me pay|want to pay|pay for it|purchase it|^purchase$|purchase now|i want it|i want this one|i ll have it|let s do it|take it|take them
        i m sold|ring me up|ring it up
        ich nehme|nehme ich|jetzt kaufen|das kaufen|es kaufen|kaufe ich|^kaufen$|zur kasse|kasse|mochte ich bestellen
        es bestellen|das bestellen|jetzt bestellen|ich bestelle|warenkorb|bezahlen|zahlen|will ich haben|hatte ich gern|pack ein|^gekauft
        me lo llevo|me la llevo|lo llevo|lo compro|la compro|comprarlo|comprarla|comprar ahora|^comprar$|pagar|pedirlo
        pedirla|lo pido|carrito|finalizar|tramitar|lo quiero|la quiero|a la cesta|me lo quedo|me la quedo
        je le prends|je la prends|je prends|je l achete|l acheter|acheter maintenant|^acheter$|payer|le commander
        la commander|je commande|passer commande|passer la commande|passer a la caisse|au panier|je le veux|je la veux|je craque
        """

    static let deny = """
        ^no$|^no thank*|^nope|^nah|not now|not today|not yet|cancel|never mind|nevermind|changed my mind|forget it
        don t want|rather not|^no no|i don t think so|stop|nah|leave it|change my mind|forget about it
        ^nein|^ne$|^nee|lass mal|jetzt nicht|noch nicht|doch nicht|lieber nicht|abbrechen|vergiss es|will nicht|stornier*|stopp|abbruch|vergessen sie
        anders uberlegt
        ^no gracias|ahora no|todavia no|mejor no|cancel*|olvidalo|olvidelo|no quiero|dejalo|dejelo|cambie de idea
        cambiado de idea|cambie de opinion|cambiado de opinion|anula*|no lo quiero|no la quiero
        ^non|^bof|pas maintenant|pas encore|finalement non|annul*|laissez tomber|laisse tomber|je ne veux pas|tant pis
        change d avis|oubliez|n en veux plus|ne le veux plus|ne la veux plus
        """

    /// A no to what was ordered, and not only to what was said last.
    static let takeBack = """
        cancel*|never mind|nevermind|changed my mind|change my mind|forget it|forget about it|don t want it
        abbrechen|abbruch|vergiss es|vergessen sie|stornier*|anders uberlegt|doch nicht|will es nicht|will ich nicht
        olvidalo|olvidelo|dejalo|dejelo|cambie de idea|cambiado de idea|cambie de opinion|cambiado de opinion|anula*
        ya no lo quiero|ya no quiero|no lo quiero|no la quiero
        annul*|laissez tomber|laisse tomber|change d avis|oubliez|n en veux plus|ne le veux plus|ne la veux plus
        """

    static let search = """
        looking for|searching for|search*|find me|show me|do you have|do you sell|have you got|got any|recommend*
        suggest*|i need|i want|i d like|i would like|do you carry|something for|anything for|you sell|gift for|any
        ich suche|suche|habt ihr|haben sie|hast du|zeig*|ich brauche|brauche|empfehl*|verkauf*|gibt es|etwas fur|was fur
        geschenk*|ich mochte|ich will|kaufen
        busco|buscando|tienen|tienes|tiene|muestr*|ensen*|necesito|recomend*|venden|vende|hay|algo para|regalo para
        quiero|quisiera|me gustaria|comprar
        je cherche|cherche|avez vous|vous avez|tu as|montrez*|montre*|besoin d*|recommand*|conseill*|vendez|il y a
        quelque chose pour|cadeau pour|je voudrais|je veux|j aimerais|acheter|il me faut
        """

    static let bye = """
        bye|goodbye|see you|that s all|that is all|have a nice day|good night|farewell
        tschuss|tschau|auf wiedersehen|das war alles|das ist alles|bis bald|bis dann|schonen tag|ciao
        adios|hasta luego|hasta pronto|eso es todo|nada mas|chao|buen dia
        au revoir|a bientot|c est tout|bonne journee|a plus tard|bonne soiree
        """

    static let confirm = """
        ^yes|^yep|^yeah|^yup|^sure|^ok$|^okay|^ok |go ahead|sounds good|that s right|correct|exactly|perfect|^fine
        i agree|i confirm|confirm|do it|absolutely|of course|please do|alright
        ^ja$|^ja |^jawohl|^jep|^klar|gerne|passt|genau|einverstanden|in ordnung|^okay|stimmt|richtig|bestatig*|machen wir|^joa|^jup
        naturlich|unbedingt|perfekt
        ^si|^claro|adelante|^vale|de acuerdo|perfecto|correcto|exacto|confirmo|esta bien|por supuesto|desde luego|^dale|^venga
        ^oui|volontiers|bien sur|allez y|d accord|ca marche|parfait|exactement|je confirme|c est bon|entendu|tout a fait|^ouais|vas y
        """

    static let thanks = """
        thank*|thx|^ty$|cheers|much appreciated|appreciate
        danke*|dank|besten dank
        gracias|agradezco
        merci|remercie
        """

    static let greet = """
        ^hi|^hello|^hey|good morning|good evening|good afternoon|greetings|^yo$
        ^hallo|guten tag|guten morgen|guten abend|^moin|gruss gott|^servus|^gruezi
        ^hola|buenos dias|buenas tardes|buenas noches|^buenas
        ^bonjour|^salut|^bonsoir|^coucou
        """

    /// SaidWords that carry no matter of their own.
    static let fillers: Set<String> = {
        let english = """
            a an the i me my you your we it its is are am be do does did have has had got get can could would will shall
            should to for of in on at with and or but if so this that these those there here what which who how when
            where why please some any something anything one ones need want like looking look show find sell buy take
            give tell make just only hi hello hey thanks thank ok okay yes no not them they she he her his more about
            good nice d ll s t m re ve up out go let number piece pieces pcs units items also too very really much many
            price cost costs recommend suggest searching search dear there's i'm don
            actually instead rather wait change quantity amount update then now sorry hmm oh ah maybe think prefer total
            altogether together order pay paying paid checkout be quite moment say bump raise changed mind both yeah yep sure
            """
        let german = """
            ein eine einen einem einer eines der die das den dem des ich du sie er es wir ihr mir mich dir dich uns euch
            ist sind bin bist war haben hat habe habt hast kann konnen konnt konnten wurde wurden mochte mochten will
            wollen soll bitte und oder aber auch noch nur mal doch so fur mit von zu zum zur im in an am auf aus bei
            nicht kein keine was welche welcher welches wie wo wer wann warum gibt brauche suche suchen zeig zeigen
            zeigt nehme nehmen kaufen verkaufen verkauft sagen danke hallo ja nein etwas stuck davon mein meine meinen
            meiner dein deine da hier dort dieses diese diesen guten gute guter gutes empfehlen preis kostet kosten
            gern gerne lieber eins nehm nimm nehmen mach mache machen macht draus daraus dann statt stattdessen warte
            warten moment anzahl menge insgesamt zusammen gib geben bestell bestelle besser
            ihn ihm bezahlen bezahle bezahl zahlen zahle kasse warenkorb vielleicht jetzt also hatte andern eben nee beide beides ach vergiss glaube denke sollen sein
            """
        let spanish = """
            un una unos unas el la los las lo le les me te se nos mi mis tu tus su sus yo usted ustedes ellos y o pero
            de del al a en con por para que cual cuales quien como cuando donde cuanto es son esta estan soy hay tengo
            tiene tienen tienes quiero quisiera gustaria necesito busco buscando muestrame ensename puede puedes pueden
            puedo recomendarme comprar vender venden favor algo alguno algun alguna este esta ese esa eso estos esas
            muy mas si no gracias hola buena bueno buenas buenos solo que sean unidades piezas precio cuesta vale decir
            dar dame deme mejor llevo llevar llevare lleva pon ponme ponga pongame ponle cambia cambie cambiar cantidad
            espera espere momento entonces ahora perdon quizas en total prefiero sea creo mejores ambos ambas digamos vez cambialo cambielo
            das da ponlo pagar pago pagarlo carrito
            """
        let french = """
            un une des le la les l d de du au aux je j tu il elle on nous vous ils elles me m te t se s moi toi mon ma
            mes ton ta tes son sa ses votre vos notre nos ce c cet cette ces ca cela est sont suis es et ou mais ne n
            pas plus en y a avec pour par dans sur que qu qui quoi quel quelle quels quelles comment quand combien
            avez ai as ont avoir etre faire fait faut peut peux pouvez pourriez voudrais veux veut aimerais cherche
            besoin montrez montre trouver acheter vendez vendre plait si oui non merci bonjour salut quelque chose
            plutot prends prendre prendrai prend prenez mets mettre donnez donne attends attendez moment alors donc
            maintenant pardon desole finalement total disons lieu changez changer change quantite prefere instant veuillez voulais
            payer paie paye bonne bon juste seulement mettez pieces prix coute recommander recommandez dire dites tout tres
            """
        let all = [english, german, spanish, french].joined(separator: " ")
        return Set(all.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
    }()
}

/// Which of our languages a message is in, by words that only one of them has.
enum LanguageRules {
    private static let words: [(language: Language, words: Set<String>)] = [
        (
            .english,
            [
                "the", "is", "are", "you", "your", "i", "my", "do", "does", "have", "what", "how", "much", "please",
                "thanks", "thank", "hi", "hello", "hey", "looking", "for", "want", "need", "would", "can", "yes",
                "with", "and", "it", "this", "that", "one", "take", "buy", "where", "order", "good", "price",
            ]
        ),
        (
            .german,
            [
                "der", "das", "ist", "ich", "sie", "und", "was", "wie", "viel", "bitte", "danke", "hallo", "guten",
                "moin", "suche", "haben", "habt", "kostet", "ein", "eine", "einen", "nicht", "ja", "nein", "fur", "mit",
                "mir", "gibt", "nehme", "preis", "wo", "meine", "zeig", "kaufen", "brauche", "tschuss", "kann",
            ]
        ),
        (
            .spanish,
            [
                "el", "los", "las", "una", "que", "cuanto", "cuesta", "hola", "gracias", "busco", "quiero", "necesito",
                "tienen", "por", "favor", "buenos", "buenas", "dias", "para", "precio", "donde", "esta", "mi", "como",
                "hay", "muestrame", "lo", "llevo", "adios", "mas", "primero", "segundo", "puede", "pedido",
            ]
        ),
        (
            .french,
            [
                "le", "les", "des", "une", "je", "vous", "est", "combien", "prix", "bonjour", "merci", "cherche",
                "avez", "pour", "plait", "voudrais", "veux", "salut", "bonsoir", "ou", "quel", "quelle", "oui", "non",
                "du", "au", "ca", "coute", "montrez", "prends", "commande", "premier", "deuxieme", "pouvez", "cest",
            ]
        ),
    ]

    /// Nil where no language, or more than one, has the most of its words.
    static func language(of words: [String]) -> Language? {
        let counts = self.words.map { entry in
            (entry.language, words.count { entry.words.contains($0) })
        }
        guard let best = counts.max(by: { $0.1 < $1.1 }), best.1 > 0, counts.count(where: { $0.1 == best.1 }) == 1
        else { return nil }
        return best.0
    }
}
