using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Tests.Sessions;

namespace Parley.Tests.Messaging;

public sealed class MailboxTests
{
    private static readonly LaneKey _lane = new("acme.alice", "t/one");
    private static readonly LaneKey _other = new("acme.alice", "t/two");
    private static readonly DeliveryRoom _room = new(2, 1000);
    private static readonly DateTimeOffset _now = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly Mailbox _mailbox = new(AgentAddress.Parse("acme.bob"));

    [Fact]
    public void A_lane_is_closed_while_something_of_it_lies_in_the_store()
    {
        _mailbox.Hold(_lane, 10, 100, 1000);

        Assert.False(_mailbox.IsLaneEmpty(_lane));
        Assert.True(_mailbox.IsLaneEmpty(_other));
    }

    [Fact]
    public void A_lane_opens_when_its_last_envelope_left()
    {
        _mailbox.Hold(_lane, 10, 100, 1000);
        _mailbox.Hold(_lane, 10, 100, 1000);

        _mailbox.Release(_lane, 10);
        var between = _mailbox.IsLaneEmpty(_lane);
        _mailbox.Release(_lane, 10);

        Assert.False(between);
        Assert.True(_mailbox.IsLaneEmpty(_lane));
        Assert.Equal((0, 0L), (_mailbox.HeldCount, _mailbox.HeldBytes));
    }

    [Fact]
    public void What_an_ended_session_was_given_is_taken_back_before_anything_may_overtake_it()
    {
        var ended = TestSession.Make(SessionRole.Listen);
        _mailbox.HandOut(ended, 7);
        ended.Window.Add(new Envelope { Id = "stored" }, 7);
        ended.Window.Add(new Envelope { Id = "not stored" }, 0);
        _mailbox.PumpCursor = 7;

        var whileOpen = _mailbox.Reclaim();
        ended.Close();
        var afterwards = _mailbox.Reclaim();
        var again = _mailbox.Reclaim();

        Assert.Equal((false, true, false), (whileOpen, afterwards, again));
        Assert.DoesNotContain(7, _mailbox.InHand);
        Assert.Equal(0, _mailbox.PumpCursor);
        Assert.Equal("not stored", Assert.Single(ended.Window.TakeAll()).Envelope.Id);
    }

    [Fact]
    public void A_session_that_was_detached_has_nothing_to_take_back()
    {
        var ended = TestSession.Make(SessionRole.Listen);
        _mailbox.HandOut(ended, 7);
        ended.Close();

        _mailbox.Forget(ended);

        Assert.False(_mailbox.Reclaim());
    }

    [Fact]
    public void A_renamed_sender_keeps_what_its_lanes_hold_under_either_name()
    {
        _mailbox.Count(_lane, 10, 2);
        _mailbox.Count(_lane with { Sender = "acme.alicia" }, 10, 1);

        _mailbox.RenameSender("acme.alice", "acme.alicia");
        _mailbox.Release(_lane with { Sender = "acme.alicia" }, 5);
        _mailbox.Release(_lane with { Sender = "acme.alicia" }, 5);
        var withOneLeft = _mailbox.IsLaneEmpty(_lane with { Sender = "acme.alicia" });
        _mailbox.Release(_lane with { Sender = "acme.alicia" }, 5);

        Assert.False(withOneLeft);
        Assert.True(_mailbox.IsLaneEmpty(_lane with { Sender = "acme.alicia" }));
        Assert.True(_mailbox.IsLaneEmpty(_lane));
    }

    [Fact]
    public void One_envelope_too_many_is_refused()
    {
        _mailbox.Hold(_lane, 10, 1, 1000);

        var refusal = Assert.Throws<ParleyException>(() => _mailbox.Hold(_other, 10, 1, 1000));

        Assert.Equal(ErrorCode.MailboxFull, refusal.Code);
    }

    [Fact]
    public void One_byte_too_many_is_refused()
    {
        _mailbox.Hold(_lane, 990, 10, 1000);

        var refusal = Assert.Throws<ParleyException>(() => _mailbox.Hold(_other, 11, 10, 1000));

        Assert.Equal(ErrorCode.MailboxFull, refusal.Code);
    }

    [Fact]
    public void Callers_are_never_picked()
    {
        var caller = TestSession.Make(SessionRole.Caller);

        Assert.Null(_mailbox.Pick([caller], string.Empty, _room, _now));
    }

    [Fact]
    public void The_listener_with_fewer_open_deliveries_is_picked()
    {
        var busy = TestSession.Make(SessionRole.Listen);
        var idle = TestSession.Make(SessionRole.Listen);
        busy.Window.Add(new Envelope(), 0);

        Assert.Same(idle, _mailbox.Pick([busy, idle], string.Empty, _room, _now));
    }

    [Fact]
    public void A_listener_without_room_is_not_picked()
    {
        var full = TestSession.Make(SessionRole.Listen);
        full.Window.Add(new Envelope(), 0);
        full.Window.Add(new Envelope(), 0);

        Assert.Null(_mailbox.Pick([full], string.Empty, _room, _now));
    }

    [Fact]
    public void A_thread_stays_with_its_listener_until_it_was_idle()
    {
        Session[] both = [TestSession.Make(SessionRole.Listen), TestSession.Make(SessionRole.Listen)];
        var first = _mailbox.Pick(both, "t", _room, _now)!;
        var rest = both.Single(session => session != first);

        first.Window.Add(new Envelope(), 0);
        var soon = _mailbox.Pick(both, "t", _room, _now.AddMinutes(1));
        var late = _mailbox.Pick(both, "t", _room, _now.AddMinutes(12));

        Assert.Same(first, soon);
        Assert.Same(rest, late);
    }

    [Fact]
    public void A_thread_that_began_with_the_only_one_of_a_group_stays_there_when_another_comes()
    {
        var (first, second) = (TestSession.Make(SessionRole.Listen, isShared: true), TestSession.Make(SessionRole.Listen, isShared: true));
        _mailbox.Pick([first], "t", _room, _now);
        first.Window.Add(new Envelope(), 0);

        Assert.Same(first, _mailbox.Pick([first, second], "t", _room, _now));
    }

    [Fact]
    public void A_thread_waits_for_its_listener_rather_than_change_it()
    {
        Session[] both = [TestSession.Make(SessionRole.Listen), TestSession.Make(SessionRole.Listen)];
        var first = _mailbox.Pick(both, "t", _room, _now)!;

        first.Window.Add(new Envelope(), 0);
        first.Window.Add(new Envelope(), 0);

        Assert.Null(_mailbox.Pick(both, "t", _room, _now));
    }

    [Fact]
    public void A_thread_moves_on_when_its_listener_is_gone()
    {
        Session[] both = [TestSession.Make(SessionRole.Listen), TestSession.Make(SessionRole.Listen)];
        var first = _mailbox.Pick(both, "t", _room, _now)!;

        first.Close();
        _mailbox.Forget(first);

        Assert.NotSame(first, _mailbox.Pick(both, "t", _room, _now));
    }

    [Fact]
    public void A_deleted_row_stays_in_hand_until_no_read_can_have_seen_it()
    {
        _mailbox.InHand.Add(7);
        _mailbox.BeginRead();
        _mailbox.NoteDeleted(7);
        _mailbox.BeginRead();

        _mailbox.EndRead();
        var during = _mailbox.InHand.Contains(7);
        _mailbox.EndRead();

        Assert.Equal((true, false), (during, _mailbox.InHand.Contains(7)));
    }

    [Fact]
    public void A_deleted_row_is_forgotten_at_once_while_nobody_reads()
    {
        _mailbox.InHand.Add(7);

        _mailbox.NoteDeleted(7);

        Assert.Empty(_mailbox.InHand);
    }
}
