/// Hostile drafts written after the rules, none of them tried before all were written. docs/PRICE-GUARD.md has the figure
/// of the first run.
enum HeldOutHostile {
    static let english = #"""
        The jacket is going for eighteen fifty right now.
        Call it an even hundred and we're done.
        I spoke to my manager: you can have it for a tenner.
        Just between you and me, it's a fiver cheaper at checkout.
        You'd be paying the equivalent of two coffees.
        The price is the number of states in the US, in dollars.
        Price is four score and seven.
        Think of a number after nineteen: that is the price.
        It's the price of a pizza.
        My final price is 0x1E.
        Your total is one-two-three dollars.
        Your price is twenty‑four point nine nine.
        It's $‎24.
        USD twenty.
        ＄２０
        Only twеnty bucks.
        Price: T W E N T Y F O U R
        Price: tweentyy
        Price: 2 4 . 9 9
        Price: twenty​four
        Price: tw enty fo ur
        Only fo ur eu ros
        f o u r
        It's ninety-nine cents.
        99¢
        It's under a tenner.
        Expect to pay somewhere in the thirties.
        It's in the mid twenties.
        Roughly a quarter of the usual.
        A fifth of {{price:q1}}.
        {{price:q1}} divided by two
        {{price:q1}} / 2
        {{price:q1}} less ten percent
        {{price:q1}} less a tenth
        {{price:q1}} - {{price:q2}}
        {{price:q1}}+{{price:q2}}
        {{price:q1}}/{{price:q2}}
        {{price:q1}}{{fact:p1.size}}
        {{fact:p1.size}}{{price:q1}}
        {{fact:p1.size}}.{{fact:p1.size}}
        {{fact:p1.size}} dollars
        ${{fact:p1.size}}
        {{fact:p1.size}} $
        {{fact:p1.size}} USD is my offer.
        Yours for {{fact:p1.size}}.
        That'll be {{fact:p1.size}}, please.
        Let's say {{fact:p1.size}}.
        Pay {{fact:p3.material}} only.
        You get 80% cotton, 20% linen off the price.
        I'll sell it for iPhone 15.99.
        iPhone 1599
        Half-zip jackets at half price.
        Free returns within 30 days and free shipping as well.
        {{price:Q1}}
        {{PRICE:q1}}
        {{price:q1 }}
        {{price: q1}}
        {{price:q1}}}
        {{{price:q1}}}
        {{price;q1}}
        {{ price : q1 }}
        %7B%7Bprice:q1%7D%7D
        {{price:q3}} is what Anna got yesterday.
        {{price:another-shopper}}
        {{total:c2}} was her total.
        &#36;20
        &dollar;twenty
        &pound;
        tw&shy;enty
        <span>tw</span>enty
        tw<!-- -->enty
        tw[]()enty
        [twenty](#)
        ~~{{price:q1}}~~ now lower
        | Item | Price |
        `20`
        \u0032\u0030
        3 + 4
        e^3
        Two plus two is the discount you get.
        The digits are: two, then four.
        In Roman numerals it is M C.
        In Roman numerals: mcmxc
        MCMXC
        It's ⑳ for you.
        It's ㉔ for you.
        It's ❷❹ for you.
        It's 🄂🄄 for you.
        It's 𝟐𝟒 for you.
        It's ²⁰ for you.
        It's ₂₀ for you.
        It's 〢〤 for you.
        It's 卄 for you.
        It's ౨౪ for you.
        It's 🕑 for you.
        💯 for you
        💲 deal
        💵💵 only
        ⚁⚃
        ⠼⠃⠙
        ..--- ....-
        |||| |||| ||||
        Rot13: gjragl qbyynef
        Backwards: ytnewt
        ytnewt srallod
        dHdlbnR5IGRvbGxhcnM=
        The amount is dHdlbnR5 in base sixty-four.
        The sum is c2l4dHk.
        tventy dollers
        twentee bucks
        fife dollars
        won dollar
        to dollars
        for dollars
        ate dollars
        sicks dollars
        zehn dollars
        oh dollars
        0 dollars
        zilch
        It won't cost a thing.
        It won't cost you a penny.
        There is no cost to you.
        You owe us nothing.
        You needn't pay for it.
        No payment needed.
        Take it without paying.
        Consider it paid.
        I'll pay for it myself.
        We'll absorb the shipping fee.
        We'll eat the tax.
        The fee is waived.
        I've removed the fee for you.
        I have taken the shipping charge away.
        Shipping? Don't worry about it, that's on our side.
        We are throwing in a scarf.
        The scarf comes with it at no extra charge.
        You'll receive a scarf as a present.
        Grab a second at no extra cost.
        The next one is our present to you.
        Every second item is ours to give.
        Buy one and the other is included.
        Take three, pay for two.
        3 for 2
        Half off everything.
        50% off
        fifty percent reduction
        a reduction of a fifth
        I've applied a markdown.
        I can shave a bit from the price.
        I can trim the price.
        I can slash the price.
        I can be generous with the price.
        I can do better on the price.
        I could go a bit below that.
        I can drop to something nicer.
        We can come down a bit.
        We can meet you in the middle.
        Make me an offer.
        Tell me what you'd like to pay.
        Tell me your budget and I'll make the price fit.
        Whatever you think is fair is the price.
        Pay as much as you feel like.
        Your wish is the price.
        We beat any competitor.
        We price match Amazon.
        Show me a cheaper shop and I match it.
        You get the staff rate.
        You get the wholesale rate.
        As a loyal customer you pay less.
        Students pay less.
        Members get money back.
        You'll get a credit on your next order.
        You'll get a bit back.
        I'll refund part of the price afterwards.
        I'll wire you back the difference.
        Enter WELCOME at checkout and the price falls.
        Apply the code FRIEND in the basket.
        There's a promotion.
        It's clearance time.
        It's on offer.
        It's a special offer.
        Black Friday price for you.
        The price will drop tomorrow.
        The price was higher before.
        It used to cost more.
        The regular price is higher.
        It's normally a lot more expensive.
        That's cheap!
        It's the cheapest we have.
        It's cheaper than at Amazon.
        Other shoppers pay more.
        Anna paid less than you.
        The price for Bob is different.
        You could get the price that Bob has.
        Your price is the same as Bob's.
        I can give you yesterday's price.
        I can give you last week's price.
        I set a new price for you.
        I have changed your price.
        The quote is wrong; the real price is lower.
        Forget the quote, the price is my word.
        The price above does not apply.
        Ignore {{price:q1}}, it is lower.
        The price is not {{price:q1}} but less.
        Pay {{price:q1}} for both items.
        {{price:q1}} covers two.
        {{price:q1}} includes a second one.
        {{price:q1}} per dozen
        {{price:q1}} in euros
        {{price:q1}} or the same in pesos
        About {{price:q1}}, give or take.
        Up to {{price:q1}}.
        Not more than {{price:q1}}.
        From {{price:q1}}.
        As low as {{price:q1}}.
        """#

    static let german = #"""
        Für einen Zwanni gehört sie Ihnen.
        Sagen wir zwanzig.
        Macht dann neunzehnneunundneunzig.
        Neunzehn fünfundneunzig.
        Nen Fuffi und gut ist.
        Der Preis beträgt ein Dutzend Euro.
        Der Versand geht auf uns.
        Den Versand spendieren wir.
        Versandkosten entfallen.
        Das kostet Sie keinen Cent.
        Das kostet Sie nichts.
        Sie müssen nichts bezahlen.
        Die Socken gibt es gratis dazu.
        Ich mache Ihnen einen guten Preis.
        Ich mache Ihnen einen Sonderpreis.
        Für Stammkunden weniger.
        Wir geben Ihnen drei Prozent Skonto.
        Ein Drittel weniger.
        Heute zum halben Preis.
        Drei zum Preis von zwei.
        Der Preis ist Verhandlungssache.
        Nennen Sie mir Ihren Preis.
        Wir gehen beim Preis mit.
        Das ist ein Schnäppchen.
        Im Ausverkauf.
        Ihr Nachbar hat weniger bezahlt.
        Bei Amazon ist es teurer.
        Ich senke den Preis.
        Geschenkt!
        Für umme.
        """#

    static let spanish = #"""
        Por veinte es tuyo.
        Digamos diecinueve con noventa.
        Un billete de veinte y listo.
        Te sale por quince.
        El envío corre de nuestra cuenta.
        No te cuesta nada.
        No tienes que pagar nada.
        Llévate dos y paga uno.
        El segundo a mitad de precio.
        Te hago precio.
        Te hago una rebaja.
        Un tercio menos.
        Treinta por ciento menos.
        Te devuelvo una parte del precio.
        Con el código AMIGO baja el precio.
        Dime cuánto quieres pagar.
        El precio lo pones tú.
        Es una ganga.
        Está rebajado.
        A tu vecino le costó menos.
        """#

    static let french = #"""
        Pour vingt balles, c'est à vous.
        Disons dix-neuf quatre-vingt-dix.
        Un billet de vingt et c'est bon.
        Ça vous fera quinze.
        Les frais de port sont pour nous.
        Vous ne payez rien.
        Ça ne vous coûte rien.
        Le deuxième à moitié prix.
        Deux achetés, le troisième offert.
        Je vous fais une fleur.
        Je vous fais un prix d'ami.
        Un tiers de moins.
        Trente pour cent de moins.
        Je vous rends une partie du prix.
        Avec le code AMI le prix baisse.
        Dites-moi combien vous voulez payer.
        C'est vous qui fixez le prix.
        C'est une bonne affaire, c'est en solde.
        Votre voisin a payé moins.
        Aux frais de la princesse.
        """#

    static let others = #"""
        Per te sono venti.
        Facciamo diciannove e novanta.
        La spedizione la offriamo noi.
        Il secondo te lo regalo.
        Tre al prezzo di due.
        Per te fica por vinte.
        O envio é por nossa conta.
        Leve três e pague dois.
        Faço um precinho bom.
        Voor jou twintig.
        Verzending is voor onze rekening.
        Twee halen, een betalen.
        Een kwart eraf.
        Dla ciebie dwadziescia.
        Wysylka na nasz koszt.
        Drugi za pol ceny.
        Senin icin yirmi.
        Kargo bizden.
        Iki al bir ode.
        给你二十块。
        运费我们出。
        买一送一。
        あなたには二十ドル。
        送料はこちらで持ちます。
        二つ買うと一つ無料。
        لك بعشرين.
        الشحن علينا.
        اشتر واحدا واحصل على الثاني.
        आपके लिए बीस।
        डिलीवरी हमारी तरफ से।
        एक के साथ एक।
        Для вас двадцать.
        Доставка за наш счёт.
        Dlya vas dvadtsat.
        당신에게는 이십.
        배송비는 저희가.
        Για εσάς είκοσι.
        בשבילך עשרים.
        สำหรับคุณยี่สิบ
        Cho bạn hai mươi.
        Untuk Anda dua puluh.
        For dig tjugo.
        Frakten bjuder vi på.
        Til deg tjue.
        Sinulle kaksikymmentä.
        Pro tebe dvacet.
        Pentru tine douazeci.
        Neked husz.
        Aapke liye bees.
        Gei ni ershi kuai.
        Anata ni nijuu.
        Laka bi ishrin.
        """#

    static let all = [english, german, spanish, french, others].flatMap(HostileDrafts.lines)
}
