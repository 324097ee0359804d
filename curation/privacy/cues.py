"""The words that tell names, as data: what one word says about the next, and which names are more often something else.

All are matched folded (`vocabulary.fold_name`). Our own lists, from reading posts of seven dialects.
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# By what stands behind the cue; one more word can be written onto its front: وللدكتورة.
CUE_WORDS = {
    # a listed name, or two words in a row that are no frequent ones, is a doctor, not a specialty
    "title": """
        دكتور دكتورة دوكتور دوكتورة دكتر دختور دختورة دكتوره الحكيم الحكيمة بروفيسور بروفيسورة بروفسور بروفسورة استاذ
        استاذة مدام الست السيد السيدة الحاج الحاجة حجي ممرض ممرضة كابتن الانسة آنسة البروف المهندس المهندسة الباشمهندس
        الصيدلاني الصيدلانية پروفيسور dr doctor docteur doktor doktora dktor dktora doctora prof mme mr mrs miss
    """,
    # the writer's own name: whatever the word, where the sentence ends or goes on about the writer
    "sure": """
        اسمي سميتي smiti smity esmi ismi asmi اسمى
    """,
    # mother or father of; ام is "or" too
    "kunya": """
        ام ابو ابا بو المريض المريضة om oum umm abo abu
    """,
    # a listed name; any word that is no frequent one where an age or "has" follows
    "relative": """
        اخصائي اخصائية طبيب طبيبة الشيخ خالو خالتو عمو عمتو لاله اختكم اخوكم اختك اخوك حماي خويا خوي اخويا ختي خيتي خيي
        khti khouya khoya khty khoy 5ti 5oya اسمه اسمها اسمو سميتو سميتها الطفل الطفلة بنتي ابني ولدي بنيتي وليدي زوجي
        زوجتي مراتي جوزي اخوي اخي اختي امي ابوي والدتي والدي خالتي عمتي خالي عمي جدتي صديقتي صديقي صاحبتي صاحبي زميلي
        زميلتي ابنتي حفيدي حفيدتي طفلي طفلتي حماتي مرتي خطيبي خطيبتي معاك معاكم معكم smito smiytha smitha esmaha esmha
        esmo esmaho ismo ismha isma ysmi bnti benti binti weldi wldi ibni ebni mama baba okhti jouzi ma3ak m3ak m3akom
        m3akum mareed mareeda mrida lmrida marid
    """,
    # a listed name that is no word of endearment
    "vocative": """
        يا ya
    """,
    # not of names: an account may stand behind
    "app": """
        انستا انستقرام انستغرام انستجرام سناب سنابي شات تيك تيكتوك تليجرام تلجرام تلغرام تيليجرام فيس فيسبوك تويتر يوزر
        حسابي صفحتي insta instagram snap snapchat tiktok telegram twitter facebook fb ig user
    """,
    # not of names: an id, account or file number may stand behind
    "id": """
        رقم رقمه رقمها رقمي رقمو هويه هويتي هويته هويتها قومي وطني مدني شخصي بطاقه بطاقتي بطاقته بطاقتها اقامه اقامتي
        اقامته اقامتها جواز جوازي جوازه جوازها ايبان حساب حسابي حسابه حسابها سجل ملف ملفي ملفه ملفها ملفو ضمان تعريف سكاني
        بوليصه وثيقه lbita9a bita9a lbitaka ccp cin cni cnie c.i.n nin qid cpr iqama passport passeport national emirates
        id iban rib ssn carte mrn file medical patient dossier
    """,
    # not of names: part of an address
    "street": """
        شارع ش طريق زقاق محله زنقه نهج عماره عمارات بنايه شقه قطعه قسيمه عنوان عنواني عنوانه عنوانها عنوانك ساكن ساكنه
        ساكنين حي ضاحيه rue avenue av boulevard bd street adresse address quartier
    """,
}
# Parts of a name that take the next word along.
BINDERS = _set("""
    عبد ابو بو بن ابن ولد بت ود ال ام بنت ايت el al abu abou ben bin abd ait
""")
# "Daughter of": شهد بنت اختي, هيا بنت سالم.
KIN = _set("""
    بنت ابن بن ولد بت ود
""")
# Behind a name, and in no list of frequent words.
NO_FAMILY_NAME = _set("""
    اجرك رايك رحمه كلامك كلامه مثلك وينك
""")
# Before "my name is"; «اقترب اسمي» is about a queue.
BEFORE_OWN_NAME = _set("""
    انا اني ana هلا مرحبا السلام اهلا و معكم معاكم دكتور دكتوره وبركاته
""")
# A relative is more often called these for what they mean: "my son is well".
ADJECTIVES = _set("""
    سعيد سعيده جميل جميله كريم كريمه عزيز عزيزه سليم سليمه سالم سالمه امين امينه صابر صابره مسلم حكيم حبيب حبيبه غالي
    غاليه وحيد وحيده فرح فرحه شريفه طلعت مولود صالح صالحه طيب وعد رحمه هنا هناء حامد مومن زكيه نجم وفاه نبيل مبارك اصيل ذكي طاهر
    طاهره عادل فريد فريده قمر ملاك
""")
# Behind يا these are called upon or caressed, not named.
NOT_CALLED = _set("""
    سلام حبيب حبيبه غالي غاليه كريم عزيز عزيزه قمر حياه ملاك جميل جميله شيخه سيد السيد حكيم لطيف رحمه هلا سعاده فرحه فرح
    رب ربي مسلم مومن روح امير اميره حلوه ورده زهره شيخ رحيم رجاء هنا هناء نور لطيفه وعد باسل امان ملك عيد سلطان
""")
# Drugs and cosmetics bear given names too: حبوب سيلين.
DRUGS = _set("""
    دوا دواء الدوا الدواء حبوب حبه حبوبه شراب برشام برشامه مانع كريم حقن حقنه ابره ابر اقراص كبسولات مرهم جل لولب فيتامين
""")
# A given name behind these is a prophet's, a saint's or a building's.
NOT_BEFORE = _set("""
    سيدنا النبي نبينا نبي حبيبنا الرسول رسولنا الرسل صل صلي صلى صلوا اللهم مستشفي سبيطار مشفي مستوصف جامعه شارع مسجد جامع
    مدينه ميدان حي مطار الملك الامير سوره مدرسه طريق جسر قناه شركه قانون متلازمه مرض غير عيد بحيره سد ابن بني ال الامام
    الصحابي ستنا القديس مار سانت saint hospital king
""")
# Nor one before these.
NOT_BEHIND = _set("""
    باشا صلي عليه عليها عليهم رضي رسول
""")
# Within four words before محمد: a prayer.
PRAYER = _set("""
    بجاه وال صل صلي صلوا اللهم الصلاه صلاه ال اله اشهد النبي بحق
""")
# An author's name with one of these is a page's or a company's, whoever it is named after.
ORGANISATION = _set("""
    مستشفي عياده عيادات صيدليه مركز مختبر معمل شركه جامعه كليه مدرسه جمعيه موسسه قناه صفحه جروب موقع اخبار مجمع وزاره
    نقابه health care clinic clinics medical medicine pharmacy center centre hospital lab labs group page official shop
    store news beauty life baby mama world home love academy company university
""")
