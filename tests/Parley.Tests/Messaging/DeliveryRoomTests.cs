using Google.Protobuf;
using Parley.Hub.Messaging;
using Parley.Protocol.Wire;
using Parley.Tests.Sessions;

namespace Parley.Tests.Messaging;

public sealed class DeliveryRoomTests
{
    private static readonly DeliveryRoom _room = new(2, 1000);

    [Fact]
    public void A_session_has_room_for_so_many_deliveries()
    {
        var session = TestSession.Make(SessionRole.Listen);
        var whenEmpty = _room.Fits(session);
        session.Window.Add(new Envelope { Id = "one" }, 0);
        var withOne = _room.Fits(session);
        session.Window.Add(new Envelope { Id = "two" }, 0);

        Assert.Equal((true, true, false), (whenEmpty, withOne, _room.Fits(session)));
    }

    [Fact]
    public void A_session_has_room_for_so_many_bytes()
    {
        var session = TestSession.Make(SessionRole.Listen);

        session.Window.Add(new Envelope { Id = "one", Body = ByteString.CopyFrom(new byte[1000]) }, 0);

        Assert.False(_room.Fits(session));
    }

    [Fact]
    public void A_link_that_takes_nothing_has_room_for_one_delivery_whose_acknowledgement_brings_the_rest()
    {
        var session = TestSession.MakeSlow(SessionRole.Listen);
        session.Outbox.Send(new Frame { Send = new Envelope { Body = ByteString.CopyFrom(new byte[2000]) } });

        var withNone = _room.Fits(session);
        session.Window.Add(new Envelope { Id = "one" }, 0);

        Assert.Equal((true, false), (withNone, _room.Fits(session)));
    }
}
