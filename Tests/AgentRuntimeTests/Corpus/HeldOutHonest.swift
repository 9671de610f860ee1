/// Honest drafts written after the rules, none of them tried before all were written.
enum HeldOutHonest {
    static let english = #"""
        Good morning! Are you looking for something for yourself or for someone else?
        Sure, I'd be happy to help you find a jacket.
        Do you need it for hiking, for work or for everyday wear?
        The {{fact:p3.title}} would suit you well: it's light and breathable.
        We have that in {{fact:p3.sizes}}. Which size should I look up?
        Today your price for the {{fact:p2.title}} is {{price:q2}}.
        The price of the {{fact:p3.title}} is {{price:q1}}, and it is valid for you right now.
        Here is your quote: {{price:q1}}.
        Yes, it's in stock. It costs {{price:q1}}.
        You can find the Half-zip jacket in the outdoor section.
        The iPhone 15 has a great camera.
        It fits true to size, but if you're between sizes I'd go up.
        The lining is made from recycled polyester.
        The fabric is {{fact:p3.material}}, so it is easy to care for.
        Please wash it inside out with similar colours.
        Yes, you can iron it on a low setting.
        Shipping takes {{fact:shop.delivery}} to most addresses.
        Our return policy: {{fact:shop.returns}}.
        You'll get an email with the tracking link as soon as it ships.
        I'm afraid I don't know that. Shall I ask a colleague?
        I'm sorry, I can't negotiate prices, but I can show you other products.
        I can't give discounts, sorry.
        Unfortunately I'm not able to change the price.
        The price is set by the shop and I can't change it.
        Would you like to go ahead with {{total:c1}}?
        Your order comes to {{total:c1}}. Shall I place it?
        To pay, please use the button below.
        Your payment is confirmed, thank you!
        We accept credit cards, PayPal and bank transfer.
        I've added the {{fact:p3.title}} to your cart.
        Which colour would you prefer: black, navy or olive?
        Both jackets are warm, but the Half-zip jacket is lighter.
        The boots have a rubber sole with good grip.
        The Dr. Martens 1460 is a classic boot.
        I couldn't find that product, could you describe it?
        Sorry, I didn't understand. Could you say that again?
        That model is no longer made.
        Is there an occasion you have in mind?
        It looks lovely with a white shirt.
        The zip is sturdy and the pockets are deep.
        Your order is on its way.
        I'll connect you with a person from our team now.
        Thanks for waiting!
        Have a nice weekend!
        What is your height and usual size?
        The quote for the {{fact:p3.title}} has expired, let me get a new one.
        Do you have any other questions about the product?
        We ship to Germany, France and Spain.
        This lamp has a warm, soft light.
        The bottle keeps drinks cold all day.
        """#

    static let german = #"""
        Guten Morgen! Suchen Sie etwas Bestimmtes?
        Gerne helfe ich Ihnen bei der Auswahl.
        Für welchen Anlass brauchen Sie die Jacke?
        Heute kostet {{fact:p2.title}} für Sie {{price:q2}}.
        Ihr persönlicher Preis ist {{price:q1}}.
        Ja, der Artikel ist auf Lager und kostet {{price:q1}}.
        Die Bestellung beträgt insgesamt {{total:c1}}.
        Das Futter besteht aus recyceltem Polyester.
        Der Stoff ist {{fact:p3.material}} und pflegeleicht.
        Bitte auf links waschen und nicht in den Trockner geben.
        Der Versand dauert {{fact:shop.delivery}}.
        Leider kann ich die Preise nicht verhandeln.
        Den Preis legt der Händler fest, ich kann ihn nicht ändern.
        Welche Farbe gefällt Ihnen am besten?
        Die Jacke fällt normal aus.
        Die Schuhe haben eine Sohle aus Gummi.
        Wir akzeptieren Kreditkarte, PayPal und Überweisung.
        Ich habe den Artikel in Ihren Warenkorb gelegt.
        Ihre Zahlung ist bestätigt, vielen Dank!
        Entschuldigung, das habe ich nicht verstanden.
        Einen Moment bitte, ich frage nach.
        Ein Mensch aus unserem Team meldet sich gleich.
        Darf es sonst noch etwas sein?
        Schönes Wochenende!
        """#

    static let spanish = #"""
        ¡Buenas tardes! ¿Busca algo en concreto?
        Con mucho gusto le ayudo a elegir.
        ¿Para qué ocasión necesita la chaqueta?
        Hoy {{fact:p2.title}} cuesta {{price:q2}}.
        Su precio personal es {{price:q1}}.
        Sí, hay existencias y el precio es {{price:q1}}.
        El pedido suma {{total:c1}} en total.
        El forro es de poliéster reciclado.
        El tejido es {{fact:p3.material}} y fácil de cuidar.
        Lávelo del revés con colores similares.
        El envío llega en {{fact:shop.delivery}}.
        Lo siento, no puedo negociar los precios.
        El precio lo fija la tienda y no puedo cambiarlo.
        ¿Qué color le gusta más?
        La chaqueta tiene un corte normal.
        Los zapatos tienen una suela de goma.
        Aceptamos tarjeta, PayPal y transferencia.
        He añadido el artículo a su carrito.
        Su pago está confirmado, ¡gracias!
        Perdone, no le he entendido.
        Un momento, por favor, lo consulto.
        Una persona de nuestro equipo le atenderá enseguida.
        ¡Buen fin de semana!
        """#

    static let french = #"""
        Bonsoir ! Cherchez-vous quelque chose en particulier ?
        Je vous aide volontiers à choisir.
        Pour quelle occasion avez-vous besoin de la veste ?
        Aujourd'hui {{fact:p2.title}} coûte {{price:q2}}.
        Votre prix personnel est {{price:q1}}.
        Oui, l'article est en stock et coûte {{price:q1}}.
        La commande s'élève à {{total:c1}}.
        La doublure est en polyester recyclé.
        Le tissu est {{fact:p3.material}} et facile d'entretien.
        Lavez-le à l'envers avec des couleurs similaires.
        La livraison prend {{fact:shop.delivery}}.
        Désolé, je ne peux pas négocier les prix.
        Le prix est fixé par la boutique et je ne peux pas le changer.
        Quelle couleur préférez-vous ?
        La veste taille normalement.
        Les chaussures ont une semelle en caoutchouc.
        Nous acceptons la carte, PayPal et le virement.
        J'ai ajouté l'article à votre panier.
        Votre paiement est confirmé, merci !
        Pardon, je n'ai pas compris.
        Un instant, je me renseigne.
        Une personne de notre équipe va vous répondre.
        Bon week-end !
        """#

    static let all = [english, german, spanish, french].flatMap(HostileDrafts.lines)
}
