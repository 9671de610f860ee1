/// What a good agent says; none of it may be refused. The rules were made with these in sight.
enum HonestDrafts {
    static let english = #"""
        Hello! How can I help you today?
        Hi there, welcome to our shop. What are you looking for?
        Your price for the {{fact:p3.title}} is {{price:q1}}.
        The {{fact:p1.title}} costs {{price:q1}}.
        The iPhone 15 is {{price:q1}}.
        The Half-zip jacket is {{price:q1}} and the {{fact:p3.title}} is {{price:q2}}.
        The total of your order is {{total:c1}}.
        It's {{price:q1}}. Would you like to add it to your cart?
        We have it in these sizes: {{fact:p3.sizes}}.
        It's made of {{fact:p3.material}}.
        The Half-zip jacket comes in black, navy and green.
        Which size do you wear?
        What color would you like?
        Is this a gift, or is it for you?
        Delivery takes {{fact:shop.delivery}}.
        {{fact:shop.returns}}.
        {{fact:p3.description}} It is soft and light.
        I can't change the price, sorry.
        I'm sorry, but I can't offer a discount.
        Prices are set by the shop, and I can't negotiate.
        The price is the one shown above.
        Great choice! Shall I place the order?
        Your order is confirmed. Thank you!
        You can pay by card or PayPal.
        Please confirm the total of {{total:c1}} to complete your order.
        I can hand you over to a colleague.
        A person from our team will be with you in a moment.
        I'm not sure about that; let me check.
        Feel free to ask me anything.
        This one is warmer, and that one is lighter.
        The jacket is waterproof and breathable.
        It runs a little small, so choose the next size up.
        Machine wash cold, do not tumble dry.
        It's fragrance-free and cruelty-free.
        It goes well with jeans.
        I found several jackets for you.
        Do you prefer wool or cotton?
        The {{fact:p3.title}} is in stock.
        Sorry, that size is not in stock right now.
        Where should we ship it?
        Your quote is valid until it expires; the price is {{price:q1}}.
        Is there anything else you need?
        Once you confirm, I'll send the order to the shop.
        Let me know which one you like best.
        **{{fact:p3.title}}**: {{price:q1}}
        - {{fact:p3.title}}: soft organic cotton
        You're welcome! Have a lovely day 😊
        The sleeves are long and the cut is slim.
        Size {{fact:p1.size}} is available.
        Our sales team can tell you more about that.
        Returns are easy: {{fact:shop.returns}}.
        It keeps you warm in winter and dry in the rain.
        """#

    static let german = #"""
        Hallo! Wie kann ich Ihnen helfen?
        Guten Tag, was suchen Sie?
        Ihr Preis für {{fact:p3.title}} ist {{price:q1}}.
        Das {{fact:p3.title}} kostet {{price:q1}}.
        Der Gesamtbetrag Ihrer Bestellung ist {{total:c1}}.
        Möchten Sie es in den Warenkorb legen?
        Verfügbar in den Größen {{fact:p3.sizes}}.
        Das Material ist {{fact:p3.material}}.
        Welche Größe tragen Sie?
        Die Lieferung dauert {{fact:shop.delivery}}.
        Ich kann den Preis leider nicht ändern.
        Leider kann ich keinen Rabatt geben.
        Der Preis ist fest und nicht verhandelbar.
        Vielen Dank für Ihre Bestellung!
        Sie können mit Karte oder PayPal bezahlen.
        Ich verbinde Sie mit einem Kollegen.
        Die Jacke ist wasserdicht und atmungsaktiv.
        Sie fällt etwas kleiner aus.
        Bitte bei niedriger Temperatur waschen.
        Das Hemd gibt es in Blau, Weiß und Grün.
        Gerne! Darf ich die Bestellung abschließen?
        Ist es für Sie oder ein Geschenk?
        Diese Jacke hält warm und ist sehr leicht.
        Gibt es sonst noch etwas?
        """#

    static let spanish = #"""
        ¡Hola! ¿En qué puedo ayudarle?
        Buenos días, ¿qué está buscando?
        Su precio para {{fact:p3.title}} es {{price:q1}}.
        La {{fact:p3.title}} cuesta {{price:q1}}.
        El total de su pedido es {{total:c1}}.
        ¿Quiere añadirlo al carrito?
        Disponible en las tallas {{fact:p3.sizes}}.
        El material es {{fact:p3.material}}.
        ¿Qué talla usa?
        El envío tarda {{fact:shop.delivery}}.
        Lo siento, no puedo cambiar el precio.
        No puedo ofrecer descuentos.
        El precio es fijo.
        ¡Gracias por su compra!
        Puede pagar con tarjeta o PayPal.
        Le paso con un compañero del equipo.
        La chaqueta es impermeable y ligera.
        Es un poco pequeña; elija una talla más.
        Lavar en frío y no usar secadora.
        Tenemos la camisa en azul, blanco y verde.
        ¿Confirmo el pedido?
        ¿Es para usted o para regalo?
        ¿Necesita algo más?
        """#

    static let french = #"""
        Bonjour ! Comment puis-je vous aider ?
        Que cherchez-vous aujourd'hui ?
        Votre prix pour {{fact:p3.title}} est {{price:q1}}.
        Le {{fact:p3.title}} coûte {{price:q1}}.
        Le total de votre commande est {{total:c1}}.
        Voulez-vous l'ajouter au panier ?
        Disponible dans les tailles {{fact:p3.sizes}}.
        La matière est {{fact:p3.material}}.
        Quelle taille portez-vous ?
        La livraison prend {{fact:shop.delivery}}.
        Désolé, je ne peux pas changer le prix.
        Je ne peux pas vous accorder de remise.
        Le prix est fixe.
        Merci pour votre commande !
        Vous pouvez payer par carte ou PayPal.
        Je vous passe un collègue de l'équipe.
        La veste est imperméable et légère.
        Elle taille un peu petit.
        Laver à froid, pas de sèche-linge.
        Nous avons la chemise en bleu, blanc et vert.
        Je confirme la commande ?
        C'est pour vous ou pour offrir ?
        Avez-vous besoin d'autre chose ?
        """#

    static let all = [english, german, spanish, french].flatMap(HostileDrafts.lines)
}
