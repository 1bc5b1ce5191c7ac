using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Tests.Sessions;

namespace Parley.Tests.Messaging;

public sealed class OutgoingTests
{
    private readonly Outgoing _outgoing = new(AgentAddress.Parse("acme.alice"), 2, 2);

    [Fact]
    public void A_second_use_of_an_id_finds_the_first_and_is_told_on_the_newer_session()
    {
        var later = TestSession.Make(SessionRole.Caller);
        Begin("a", TestSession.Make(SessionRole.Caller));

        var isNew = Begin("a", later);

        Assert.False(isNew);
        Assert.Equal(NoteResult.News, Note("a", ReceiptState.Delivered, 1, out var record));
        Assert.Same(later, record.Session);
    }

    [Fact]
    public void A_state_is_noted_once()
    {
        Begin("a");

        var first = Note("a", ReceiptState.Delivered, 1, out _);
        var second = Note("a", ReceiptState.Delivered, 2, out var record);

        Assert.Equal((NoteResult.News, NoteResult.Repeated), (first, second));
        Assert.Equal(1, Assert.Single(record.Events.ToList()).AtMs);
    }

    [Fact]
    public void Nothing_is_noted_of_an_unknown_id() => Assert.Equal(NoteResult.Unknown, Note("a", ReceiptState.Delivered, 1, out _));

    [Fact]
    public void Only_settled_records_are_forgotten_and_the_oldest_first()
    {
        Begin("open");
        foreach (var id in new[] { "a", "b", "c" })
        {
            Begin(id);
            Note(id, ReceiptState.Delivered, 1, out _);
            Note(id, ReceiptState.Answered, 2, out _);
        }

        Assert.False(IsKnown("a"));
        Assert.True(IsKnown("b"));
        Assert.True(IsKnown("c"));
        Assert.True(IsKnown("open"));
    }

    [Fact]
    public void A_reply_that_an_open_session_waits_for_is_its_own_after_the_request_was_forgotten()
    {
        var session = TestSession.Make(SessionRole.Caller);
        Begin("asked", session, isAwaited: true);
        Note("asked", ReceiptState.Delivered, 1, out _);

        End("a", "b", "c");
        var waiting = _outgoing.AwaitingSession(MessageKey.Of("asked"));
        Note("asked", ReceiptState.Answered, 2, out _);

        Assert.False(IsKnown("asked"));
        Assert.Same(session, waiting);
        Assert.Null(_outgoing.AwaitingSession(MessageKey.Of("asked")));
    }

    [Fact]
    public void A_wait_that_was_asked_for_lasts_longer_than_the_record_too()
    {
        var (asked, later) = (TestSession.Make(SessionRole.Caller), TestSession.Make(SessionRole.Caller));
        Begin("asked", asked);
        _outgoing.Await(MessageKey.Of("asked"), later);
        Note("asked", ReceiptState.Delivered, 1, out _);

        End("a", "b", "c");

        Assert.Same(later, _outgoing.AwaitingSession(MessageKey.Of("asked")));
    }

    [Fact]
    public void Waits_that_are_over_do_not_end_one_that_goes_on()
    {
        var session = TestSession.Make(SessionRole.Caller);
        _outgoing.Await(MessageKey.Of("long"), session);

        foreach (var id in new[] { "a", "b", "c" })
        {
            _outgoing.Await(MessageKey.Of(id), session);
            Note(id, ReceiptState.Answered, 1, out _);
        }

        Assert.Same(session, _outgoing.AwaitingSession(MessageKey.Of("long")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reply_belongs_to_the_session_that_asked_last_while_it_is_open(bool isSentHere)
    {
        var session = TestSession.Make(SessionRole.Caller);
        if (isSentHere)
        {
            Begin("a", TestSession.Make(SessionRole.Caller), isAwaited: true);
        }

        _outgoing.Await(MessageKey.Of("a"), TestSession.Make(SessionRole.Caller));
        _outgoing.Await(MessageKey.Of("a"), session);

        var open = _outgoing.AwaitingSession(MessageKey.Of("a"));
        session.Close();

        Assert.Same(session, open);
        Assert.Null(_outgoing.AwaitingSession(MessageKey.Of("a")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_session_that_is_gone_waits_for_nothing(bool isSentHere)
    {
        var session = TestSession.Make(SessionRole.Caller);
        if (isSentHere)
        {
            Begin("a", session, isAwaited: true);
        }

        _outgoing.Await(MessageKey.Of("a"), session);

        _outgoing.Drop(session);

        Assert.Null(_outgoing.AwaitingSession(MessageKey.Of("a")));
    }

    [Fact]
    public void An_answered_request_is_waited_for_no_more()
    {
        Begin("a", TestSession.Make(SessionRole.Caller), isAwaited: true);

        Note("a", ReceiptState.Answered, 1, out _);

        Assert.Null(_outgoing.AwaitingSession(MessageKey.Of("a")));
    }

    [Fact]
    public void What_another_node_did_not_report_on_is_taken_out_once()
    {
        Begin("late");
        Begin("reported");
        Begin("fresh");
        _outgoing.Forward(MessageKey.Of("late"), new Envelope { Id = "late" }, 10);
        _outgoing.Forward(MessageKey.Of("reported"), new Envelope { Id = "reported" }, 10);
        _outgoing.Forward(MessageKey.Of("fresh"), new Envelope { Id = "fresh" }, 20);
        Note("reported", ReceiptState.Delivered, 11, out _);

        var first = _outgoing.TakeForwardedBefore(20);
        var second = _outgoing.TakeForwardedBefore(20);

        Assert.Equal("late", Assert.Single(first).Id);
        Assert.Empty(second);
        Assert.Equal("fresh", Assert.Single(_outgoing.TakeForwardedBefore(21)).Id);
    }

    [Fact]
    public void A_repetition_by_another_node_does_not_lose_what_was_forwarded()
    {
        Begin("a");
        _outgoing.Forward(MessageKey.Of("a"), new Envelope { Id = "a" }, 10);

        _outgoing.Begin(MessageKey.Of("a"), null, "node-2", out _);

        Assert.Equal("a", Assert.Single(_outgoing.TakeForwardedBefore(20)).Id);
    }

    private bool Begin(string id, Session? session = null, bool isAwaited = false)
    {
        ref var record = ref _outgoing.Begin(MessageKey.Of(id), session, null, out var isNew);
        record.IsAwaited |= isAwaited;
        return isNew;
    }

    private NoteResult Note(string id, ReceiptState state, long atMs, out OutgoingRecord record) =>
        _outgoing.Note(MessageKey.Of(id), new ReceiptEvent(state, atMs), 0, out record);

    private void End(params string[] ids)
    {
        foreach (var id in ids)
        {
            Begin(id);
            Note(id, ReceiptState.Answered, 1, out _);
        }
    }

    private bool IsKnown(string id) => _outgoing.TryFind(MessageKey.Of(id), out _);

    [Fact]
    public void A_session_waits_for_a_limited_number_of_replies_and_the_oldest_are_forgotten()
    {
        var (session, other) = (TestSession.Make(SessionRole.Caller), TestSession.Make(SessionRole.Caller));
        _outgoing.Await(MessageKey.Of("x"), other);

        foreach (var id in new[] { "a", "b", "b", "c" })
        {
            _outgoing.Await(MessageKey.Of(id), session);
        }

        Assert.Equal(
            [null, session, session, other],
            new[] { "a", "b", "c", "x" }.Select(id => _outgoing.AwaitingSession(MessageKey.Of(id))));
    }
}
