import pytest
from tests.integration.test_fold_examples import *
from tests.integration.life import *
from tests.integration.amounts import *
from ledger.world import World
from ledger.ids import area_stream
from tests.ledger_database import TODAY
@pytest.mark.parametrize("order", [0,1])
@pytest.mark.parametrize("months", [("2025-03","2025-03"),("2025-02","2025-03"),("2025-03","2025-02")])
def test_x(ground, life, order, months):
    acts=[(TOWN,TOWN_2,months[0]),(TOWN_2,TOWN_3,months[1])]
    for a,b,m in (acts if not order else acts[::-1]):
        given(life,"ReplaceArea",effective=m,area=a,successor=b)
    told=ground.tell(life); ground.project()
    position=told.positions()[-1]
    ans=ground.answers(told,position)
    *_, (p, streams) = told.known()
    facts=standing(told.of_areas(position))
    for (h,m),a in ans.items():
        if m=="2025-05":
            st=a["stood_in"]
            print(order, months, st, "register", a["area"], "model", counted_in(st,m,facts), "ledger", World(streams,(),TODAY)._enclosing(st,m)[0].id==area_stream(a["area"]))
