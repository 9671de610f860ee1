extension Phrasebook {
    static let french = Phrasebook(
        wordings: [
            .greeting: [
                "Bonjour, ici {{fact:agent.name}}. Que cherchez-vous aujourd'hui ?",
                "Bonjour ! Je suis {{fact:agent.name}}. Dites-moi ce que vous cherchez et je regarde.",
            ],
            .ask: ["Que cherchez-vous ?", "Dites-moi à quoi vous pensez et je le cherche."],
            .offer: [
                "Voici ce que j'ai trouvé :\nROWS\nLequel vous intéresse ?",
                "Ceci pourrait vous plaire :\nROWS\nVoulez-vous en savoir plus ?",
            ],
            .near: [
                "Je n’ai pas trouvé exactement cela. Voici ce qui s’en approche :\nROWS\nVoulez-vous en savoir plus ?"
            ],
            .more: ["Voici la suite :\nROWS\nCela vous plaît ?", "Il y a aussi :\nROWS\nCela vous plaît ?"],
            .nothingFound: [
                "Je n'ai rien trouvé de tel. Pouvez-vous le décrire autrement ?",
                "Je ne trouve rien de tel. Pouvez-vous le dire autrement ?",
            ],
            .noMore: ["C'est tout ce qui convient. Voulez-vous chercher autre chose ?"],
            .price: [
                "Le prix de {{fact:p1.title}} est {{price:p1}}. Voulez-vous le commander ?",
                "{{fact:p1.title}} coûte {{price:p1}}. Je prépare la commande ?",
            ],
            .details: [
                "{{fact:p1.title}} : {{fact:p1.description}}\nLe prix est {{price:p1}}. Voulez-vous le commander ?"
            ],
            .compare: ["Comparés :\nROWS\nLequel préférez-vous ?"],
            .confirm: [
                "Vous avez choisi {{fact:cart.line}}. Le prix d'un article est {{price:p1}}. Je "
                    + "prépare le panier ?",
                "Pour être sûr : {{fact:cart.line}}. Le prix d'un article est {{price:p1}}. C'est bien cela ?",
            ],
            .changed: [
                "Regardez encore, s'il vous plaît : {{fact:cart.line}}. Le prix d'un article est "
                    + "maintenant {{price:p1}}. Je prépare le panier ?"
            ],
            .checkout: [
                "Voici votre panier. Le total est {{total:c}}. Appuyez sur le bouton pour payer.",
                "Votre panier vous attend. Le total est {{total:c}}. Appuyez sur le bouton pour payer.",
            ],
            .unpaid: [
                "Le paiement n'est pas encore confirmé. Le total est {{total:c}}. Appuyez sur le "
                    + "bouton pour payer."
            ],
            .paid: [
                "Merci, votre paiement de {{total:c}} est confirmé. Votre commande est passée.",
                "Votre commande est passée. Votre paiement de {{total:c}} est confirmé. Merci !",
            ],
            .over: [
                "Ce panier a expiré. Je le prépare à nouveau ?"
            ],
            .noOrder: ["Je ne vois pas de commande dans ce chat. Une personne peut chercher ; je demande ?"],
            .negotiation: [
                "Je comprends. Le prix de {{fact:p1.title}} est {{price:p1}} pour vous. Je ne peux "
                    + "pas le changer.",
                "J'aimerais aider. Pour vous {{fact:p1.title}} coûte {{price:p1}}. Je ne peux pas le changer.",
            ],
            .negotiationNothing: [
                "Les prix sont fixes. Je cherche quelque chose qui vous plaît ?"
            ],
            .which: ["Lequel ? Dites-moi le nom, s'il vous plaît.", "Lequel de ceux-ci ?"],
            .cancelled: ["Entendu, je ne le commande pas. Que puis-je faire d'autre pour vous ?"],
            .handedOff: [
                "Je vous passe une personne, qui répondra ici.{{fact:agent.contact}}",
                "Une personne prend la suite ici.{{fact:agent.contact}}",
            ],
            .offerPerson: ["Je suis désolé de ne pas comprendre. Voulez-vous parler à une personne ?"],
            .thanks: ["Je vous en prie. Puis-je faire autre chose pour vous ?", "Avec plaisir ! Autre chose ?"],
            .bye: ["Merci de votre visite. Au revoir !", "Au revoir, et merci !"],
            .unclear: [
                "Je n'ai pas compris. Que cherchez-vous ?",
                "Pouvez-vous le dire autrement ? Je peux trouver des produits, dire les prix et "
                    + "passer des commandes.",
            ],
            .unavailable: ["Je ne peux pas le dire maintenant. Réessayez dans un instant, s'il vous plaît."],
            .checkoutRefused: [
                "Je n'ai pas pu préparer le panier. Réessayez dans un instant, s'il vous plaît."
            ],
            .howMany: ["Combien en voulez-vous ?"],
            .policy: ["{{fact:agent.policy}}\nUne personne peut vous en dire plus. Je demande ?"],
            .service: ["Une personne peut vous aider pour cela. Je demande ?"],
            .replaced: ["Le panier d'avant est annulé."],
            .oneAtATime: ["Chaque produit a son propre panier, prenons-les donc tour à tour."],
            .each: [
                "Cela fait {{fact:cart.line}}. Le prix d'un article est {{price:p1}}. Le panier montre le "
                    + "total. Je le prépare ?"
            ],
            .currency: ["Le prix de {{fact:p1.title}} est {{price:p1}}.\n{{fact:shop.currency}}"],
            .whyPrice: ["Pour vous {{fact:p1.title}} coûte {{price:p1}}.\n{{fact:shop.pricing}}"],
            .whyPriceNothing: ["{{fact:shop.pricing}}\nQue cherchez-vous ?"],
            .checkoutCancelled: [
                "Entendu, le panier est annulé et rien n'est commandé. Que puis-je faire d'autre pour vous ?"
            ],
            .underway: [
                "La commande est déjà en cours, je ne peux pas l'annuler maintenant. Demandez encore dans un instant, "
                    + "s'il vous plaît."
            ],
            .tooLate: [
                "Votre commande est déjà passée. Votre paiement de {{total:c}} est confirmé. Je ne peux pas l'annuler ici. "
                    + "Une personne peut vous aider ; je demande ?"
            ],
            .placed: [
                "Votre commande est passée. Votre paiement de {{total:c}} est confirmé. Une personne peut vous en dire "
                    + "plus ; je demande ?"
            ],
            .partlyRefunded: [
                "Votre commande est passée. Votre paiement de {{total:c}} est confirmé. Une partie vous a été renvoyée. "
                    + "Une personne peut vous en dire plus ; je demande ?"
            ],
            .refunded: [
                "Votre commande est passée. Votre paiement de {{total:c}} est confirmé. Tout vous a été renvoyé. Une "
                    + "personne peut vous en dire plus ; je demande ?"
            ],
            .automatic: ["Je suis un assistant automatique, pas une personne. Voulez-vous parler à une personne ?"],
        ], row: "• {{fact:P.title}}: {{price:P}}")
}
