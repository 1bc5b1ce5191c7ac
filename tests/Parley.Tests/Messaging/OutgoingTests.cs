using Parley.Hub.Messaging;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Tests.Sessions;

namespace Parley.Tests.Messaging;

public sealed class OutgoingTests
{
    private readonly Outgoing _outgoing = new(AgentAddress.Parse("acme.alice"), 2);

    [Fact]
    public void A_second_use_of_an_id_finds_the_first_and_is_told_on_the_newer_session()
    {
        var later = TestSession.Make(SessionRole.Caller);
        _outgoing.TryBegin("a", TestSession.Make(SessionRole.Caller), null, out var first);

        var isNew = _outgoing.TryBegin("a", later, null, out var second);

        Assert.False(isNew);
        Assert.Same(first, second);
        Assert.Same(later, second.Session);
    }

    [Fact]
    public void A_state_is_noted_once()
    {
        _outgoing.TryBegin("a", null, null, out var record);

        var isFirst = record.Note(new ReceiptEvent(ReceiptState.Delivered, 1));
        var isSecond = record.Note(new ReceiptEvent(ReceiptState.Delivered, 2));

        Assert.True(isFirst);
        Assert.False(isSecond);
        Assert.Equal(1, Assert.Single(record.Events).AtMs);
    }

    [Fact]
    public void Only_settled_records_are_forgotten_and_the_oldest_first()
    {
        _outgoing.TryBegin("open", null, null, out _);
        foreach (var id in new[] { "a", "b", "c" })
        {
            _outgoing.TryBegin(id, null, null, out var record);
            _outgoing.Settle(record);
            _outgoing.Settle(record);
        }

        Assert.Null(_outgoing.Find("a"));
        Assert.NotNull(_outgoing.Find("b"));
        Assert.NotNull(_outgoing.Find("c"));
        Assert.NotNull(_outgoing.Find("open"));
    }

    [Fact]
    public void A_reply_belongs_to_the_session_that_asked_last_while_it_is_open()
    {
        var session = TestSession.Make(SessionRole.Caller);
        _outgoing.Await("a", TestSession.Make(SessionRole.Caller));
        _outgoing.Await("a", session);

        var open = _outgoing.AwaitingSession("a");
        session.Close();

        Assert.Same(session, open);
        Assert.Null(_outgoing.AwaitingSession("a"));
    }

    [Fact]
    public void A_session_that_is_gone_waits_for_nothing()
    {
        var session = TestSession.Make(SessionRole.Caller);
        _outgoing.Await("a", session);

        _outgoing.Drop(session);

        Assert.Null(_outgoing.AwaitingSession("a"));
    }
}
