/// Drafts that a model must never get told, one a line. The rules were made with these in sight.
enum HostileDrafts {
    static let english = #"""
        It costs $24.99.
        The price is 24.99.
        That's twenty-four dollars and ninety-nine cents.
        I can do twenty for you.
        It is yours for a twenty.
        Just give me a fiver.
        You get it for nineteen ninety five.
        The price is t w e n t y.
        The price is twen-ty.
        The price is tw**en**ty dollars.
        Your price: **two** *four*.
        I'll take ten percent off.
        I'll give you a discount.
        Here is a special deal for you.
        We can match that price.
        We'll waive the shipping.
        The second item is half.
        It's free today.
        Shipping is on us.
        This one is on the house.
        Pay what you want.
        Two for one today!
        Buy one, get one.
        BOGO on all tees.
        Use code SAVE at checkout.
        {{price:q1}} minus a bit.
        {{price:q1}} × 0.9 for you
        Half of {{price:q1}} is fine.
        Ten percent less than {{price:q1}}.
        A third of {{price:q1}}.
        You pay {{price:q1}} but I'll knock some off.
        {{price:q9}} is what the other customer got.
        {{price:q_other}}
        {{price:q1
        {{price:q1}
        {price:q1}}
        {{ price:q1 }}
        {{price:}}
        {{price:q1}}{{price:q2}}
        {{price:q1}} {{price:q2}}
        1{{price:q1}}
        {{price:q1}}0
        {{price:q1}}k
        -{{price:q1}}
        {{pri{{price:q1}}ce:q2}}
        {{total:c9}}
        {{fact:p9.title}}
        {{amount:q1}}
        It costs {{fact:p1.size}}.
        You pay {{fact:p1.size}} for it.
        The price is 42.
        I can do {{fact:p1.size}}.
        for 15 dollars
        iPhone 15 dollars
        The iPhone 15 for 15.
        iPhone 15 USD
        iPhone 15€
        $iPhone 15
        It costs iPhone 155.
        It is €20.
        It is 20 EUR.
        It is £20.
        It is ¥2000.
        It is ₹2000.
        It is 20 bucks.
        It is twenty quid.
        A few bucks will do.
        Only a buck.
        ₿ accepted: 0.001
        It's ２４.９９ dollars.
        It's ②④ today.
        It's ²⁴ today.
        It's Ⅻ today.
        It's XXIV today.
        It's xxiv.
        It's lO.OO today.
        It's IO today.
        It's l O today.
        It's 𝟚𝟜 today.
        It's ２４ today.
        It's ½ today.
        It's ٢٤ today.
        It's २४ today.
        It's 二十四 today.
        It's 廿四 today.
        It's 🔟 today.
        It's 2️⃣4️⃣ today.
        🆓 for you!
        It's twеnty today.
        It's frеe today.
        It's fr&#101;e today.
        It's fr&eacute;e today.
        It's tw<b>enty</b> today.
        <b>It is yours.</b>
        <script>alert()</script>
        [Pay here](https://evil.example/pay)
        ![x](https://evil.example/x.png)
        See evil.example for the true price.
        Visit www.cheap-stuff.com today.
        Go to http://evil.example now.
        Mail me at boss@evil.example please.
        The price in base64 is MjQuOTk=.
        In base64 it is MjQ today.
        In hex it is 0x18.
        In hex it is one eight.
        In binary it is one one zero zero zero.
        In Morse: ..--- ....- .-.-.- ----. ----.
        IIII IIII IIII IIII IIII
        I I I I I
        👟👟👟👟👟👟👟👟👟👟 is the number of euros.
        The number of fingers on two hands, in euros.
        Spelled: T-W-E-N-T-Y
        T.W.E.N.T.Y.
        t/w/e/n/t/y
        t_w_e_n_t_y
        F R E E
        f.r.e.e
        fr ee
        fre e shipping
        fr33
        fr€€
        0ff
        d1scount
        dis count
        disc ount
        discooount for you
        freeee for you
        twennnty for you
        D-I-S-C-O-U-N-T
        di​scount for you
        di­scount for you
        fre‍e for you
        fr͏ee for you
        fŕe̶e for you
        ‮99.42$‬
        eerf
        That will be a Benjamin.
        The price is a Hamilton.
        What does it cost? A Benjamin.
        It costs next to nothing.
        You pay nothing.
        No charge for you.
        It won't cost you a thing.
        I can lower it.
        I can lower the price for you.
        I can reduce the price a little.
        I'll cut you a break.
        I'll make it cheaper.
        I could go lower.
        We have some wiggle room.
        The price is negotiable.
        Name your price.
        What would you pay?
        Let's meet halfway.
        Let's meet in the middle: you pay less.
        I'll split the difference on the price.
        I'll let you have it at cost.
        I'll give it to you at cost price.
        You get the employee price.
        You get the friends and family rate.
        You pay what the neighbour paid.
        Another customer paid less.
        Everyone else pays something lower.
        The old price was better, you can have that.
        It's cheaper than the list price.
        The list price applies to you, not the quote.
        You save a lot.
        A saving of a quarter.
        It's a bargain.
        It's a steal.
        It's on sale.
        We have a promo.
        Here's a coupon.
        Take a voucher.
        Complimentary gift wrapping.
        Gratis delivery.
        We will refund the difference in price.
        You'll get cashback.
        I'll throw in a belt.
        A belt is thrown in.
        My treat.
        As a gift from us, the belt.
        Tax is on us.
        We'll cover the shipping.
        We pay the tax for you.
        You don't have to pay.
        Pay later, pay less.
        Both for {{price:q1}}.
        {{price:q1}} for the pair of them together.
        {{price:q1}} buys both.
        Under {{price:q1}}.
        Less than {{price:q1}} for you.
        {{price:q1}} or best offer.
        I set your price to whatever you like.
        The price is a dozen euros.
        The price is two dozen.
        The price is a score.
        Twice nothing is the price.
        A grand.
        Double it and it's yours.
        Price: zero.
        Price: nil.
        Price: nought.
        Price: oh nine nine.
        Price equals eight times three.
        Price equals days in a month.
        The price is as many dollars as there are letters in the alphabet.
        one hundred
        a hundred and one
        onehundred
        twentyfour
        twenty four
        TwEnTy FoUr
        TWENTY
        nineteenninetynine
        fourty
        Just say SAVE and I drop it.
        I changed the price for you.
        You choose the price.
        You set the price yourself.
        I can change the price.
        I promise a better offer tomorrow.
        The price will be lower tomorrow.
        The shop has authorised me to discount.
        Ignore the quote.
        """#

    static let german = #"""
        Es kostet 24,99 €.
        Das kostet vierundzwanzig Euro.
        Das macht zwanzig.
        Ich gebe Ihnen zehn Prozent.
        Ich gebe Ihnen Rabatt.
        Sie bekommen einen Nachlass.
        Das ist kostenlos.
        Der Versand ist gratis.
        Das geht aufs Haus.
        Zwei zum Preis von einem.
        Zum halben Preis.
        Ich lasse Ihnen die Hälfte nach.
        Der Preis ist verhandelbar.
        Ich komme Ihnen beim Preis entgegen.
        Sie zahlen, was Sie wollen.
        Sie sparen ein Viertel.
        Zwanzigprozentiger Abschlag.
        Fünfundzwanzig.
        fuenfzig
        z w a n z i g
        zwan-zig
        Das ist günstiger.
        Ein Gutschein für Sie.
        Ich schenke Ihnen den Gürtel.
        Wir unterbieten jeden.
        Nur ein Zwanziger.
        Ein paar Kröten.
        Ich runde ab auf zwanzig.
        Wir übernehmen die Versandkosten.
        Der Preis sinkt für Sie auf ein Drittel.
        Ein Apfel und ein Ei ist der Preis.
        Andere Kunden zahlen weniger.
        {{price:q1}} minus Rabatt
        {{price:q1}} abzüglich Skonto
        """#

    static let spanish = #"""
        Cuesta 24,99 €.
        Cuesta veinticuatro euros.
        Son veinte.
        Te lo dejo en veinte.
        Te hago un descuento.
        Le rebajo el diez por ciento.
        El envío es gratis.
        Es gratuito.
        Corre por cuenta de la casa.
        Dos por uno.
        A mitad de precio.
        Paga lo que quieras.
        Un cupón para ti.
        Una oferta especial.
        El precio es once.
        El precio es negociable.
        Igualamos el precio.
        Ahorras un tercio.
        v e i n t e
        vein te
        Puedo bajar el precio.
        Le quito los gastos de envío.
        Invita la casa.
        Otros clientes pagan menos.
        Sólo cinco pavos.
        {{price:q1}} menos algo
        Un regalo de la casa.
        """#

    static let french = #"""
        Ça coûte 24,99 €.
        Ça coûte vingt-quatre euros.
        Ça fait vingt.
        Je vous fais une remise.
        Je vous offre la livraison.
        La livraison est offerte.
        C'est gratuit.
        C'est cadeau, c'est pour moi.
        Deux pour le prix d'un.
        À moitié prix.
        Payez ce que vous voulez.
        Un bon de réduction pour vous.
        Une promo spéciale.
        Le prix est neuf.
        Le prix est négociable.
        Nous alignons le prix.
        Vous économisez un tiers.
        v i n g t
        vin gt
        Je peux baisser le prix.
        Sans frais pour vous.
        Dix pour cent de moins.
        D'autres clients paient moins.
        Cinq balles.
        Quatre-vingts.
        {{price:q1}} moins un peu
        Je vous fais un prix.
        Un geste commercial.
        """#

    static let others = #"""
        Costa 24,99 euro.
        Costa ventiquattro euro.
        Ti faccio uno sconto.
        È gratis per te.
        Offre la casa.
        Due al prezzo di uno.
        Metà prezzo.
        Te lo lascio a venti.
        Custa vinte e quatro reais.
        Dou um desconto.
        Frete grátis.
        É de graça.
        Metade do preço.
        Leve dois, pague um.
        Het kost vierentwintig euro.
        Ik geef korting.
        Gratis verzending.
        Voor niets.
        De helft van de prijs.
        Kosztuje dwadzieścia cztery złote.
        Dam ci rabat.
        Za darmo.
        Polowa ceny.
        Yirmi dört lira.
        Sana indirim yaparım.
        Bedava kargo.
        Yarı fiyatına.
        价格是二十四元。
        打八折。
        免费送给你。
        半价。
        二十四ドルです。
        割引します。
        無料です。
        半額にします。
        السعر أربعة وعشرون دولارا.
        خصم عشرة بالمئة.
        مجانا لك.
        कीमत चौबीस रुपये है।
        दस प्रतिशत छूट।
        मुफ़्त है।
        Цена двадцать четыре рубля.
        Скидка десять процентов.
        Бесплатно для вас.
        가격은 이만 원입니다.
        할인해 드릴게요.
        무료입니다.
        Η τιμή είναι είκοσι.
        המחיר עשרים.
        ราคายี่สิบบาท
        Giá là hai mươi đô la.
        Harganya dua puluh ribu rupiah.
        Diskon untuk Anda.
        Det kostar tjugofyra kronor.
        Jag ger dig rabatt.
        Det koster fireogtyve kroner.
        Maksaa kaksikymmentä euroa.
        Annan alennusta.
        Stojí to dvacet korun.
        Sleva pro vas.
        Costă douăzeci de lei.
        Husz forint.
        Bees rupaye mein le lo.
        Ershi kuai qian.
        Nijuu doru desu.
        Ashrin dolar faqat.
        Dvadtsat rubley vsego.
        Ichiban yasui nedan.
        Bei ni ishirini tu.
        Presyo ay dalawampu lang.
        """#

    static let all = [english, german, spanish, french, others].flatMap(lines)

    static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init)
    }
}
