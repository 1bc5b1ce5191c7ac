using Parley.Client.Chat;
using Parley.Client.Chat.Wire;
using Parley.Protocol.Errors;

namespace Parley.Tests.Chat;

public sealed class ChatStateTests
{
    private static readonly Guid _me = Guid.Parse("11111111-1111-1111-1111-111111111111");
    private static readonly Guid _other = Guid.Parse("22222222-2222-2222-2222-222222222222");

    [Fact]
    public void What_was_not_acknowledged_is_said_again_on_the_next_path()
    {
        var state = Saying("one", "two", "three");
        state.Begin(Hello(_other));
        Drain(state);
        state.Acknowledge(1);

        state.Begin(Hello(_other, heard: _me, received: 2));

        Assert.Equal(["three"], Drain(state));
    }

    [Fact]
    public void A_new_program_at_the_other_end_gets_what_the_old_one_did_not_acknowledge()
    {
        var state = Saying("one", "two");
        state.Begin(Hello(_other));
        state.Acknowledge(1);
        var hello = state.Hello();

        state.Begin(Hello(Guid.Parse("33333333-3333-3333-3333-333333333333")));

        Assert.Equal(2, hello.First);
        Assert.Equal(["two"], Drain(state));
    }

    [Fact]
    public void What_came_before_is_not_taken_twice()
    {
        var state = new ChatState(_me, 10);
        state.Begin(Hello(_other));

        Assert.True(Take(state, 1));
        Assert.False(Take(state, 1));
        Assert.True(Take(state, 2));
        Assert.Equal(2, state.Received);
    }

    [Fact]
    public void A_speaker_that_is_heard_for_the_first_time_counts_from_what_it_holds()
    {
        var state = new ChatState(_me, 10);

        state.Begin(Hello(_other, first: 41));

        Assert.True(Take(state, 41));
        Assert.Equal((_other, 41), (state.Hello().Heard, state.Hello().Received));
    }

    [Fact]
    public void A_gap_breaks_the_protocol()
    {
        var state = new ChatState(_me, 10);
        state.Begin(Hello(_other));

        Assert.Equal(ErrorCode.ProtocolViolation, Assert.Throws<ParleyException>(() => state.IsNew(Item(2))).Code);
    }

    [Fact]
    public void A_speaker_that_dropped_what_was_not_acknowledged_breaks_the_protocol()
    {
        var state = new ChatState(_me, 10);
        state.Begin(Hello(_other));
        state.Take(Item(1));

        Assert.Throws<ParleyException>(() => state.Begin(Hello(_other, first: 3)));
    }

    [Fact]
    public void Nobody_can_acknowledge_what_was_not_said()
    {
        var state = Saying("one");

        Assert.Throws<ParleyException>(() => state.Acknowledge(2));
        Assert.Throws<ParleyException>(() => state.Begin(Hello(_other, heard: _me, received: 2)));
    }

    [Fact]
    public void An_end_does_not_talk_to_itself()
    {
        var state = new ChatState(_me, 10);

        Assert.Throws<ParleyException>(() => state.Begin(Hello(_me)));
    }

    [Fact]
    public void Without_room_nothing_is_said_until_something_is_acknowledged()
    {
        var state = new ChatState(_me, 2);
        Say(state, "one");
        Say(state, "two");

        Assert.Equal(ErrorCode.Unavailable, Assert.Throws<ParleyException>(() => Say(state, "three")).Code);
        state.Acknowledge(1);
        Assert.Equal(3, Say(state, "three"));
    }

    [Fact]
    public void A_line_that_is_too_long_is_refused_and_takes_no_number()
    {
        var state = new ChatState(_me, 10);

        Assert.Equal(ErrorCode.MessageTooLarge, Assert.Throws<ParleyException>(() => Say(state, new string('ä', (ChatOptions.MaxTextBytes / 2) + 1))).Code);
        Assert.Equal(1, Say(state, new string('ä', ChatOptions.MaxTextBytes / 2)));
    }

    private static ChatState Saying(params string[] texts)
    {
        var state = new ChatState(_me, 10);
        foreach (var text in texts)
        {
            Say(state, text);
        }

        return state;
    }

    private static long Say(ChatState state, string text) => state.Say(ChatItemKind.Message, DateTimeOffset.UnixEpoch, 0, 0, text);

    private static List<string> Drain(ChatState state)
    {
        var texts = new List<string>();
        while (state.Next() is { } item)
        {
            texts.Add(item.Text);
        }

        return texts;
    }

    private static ChatItem Item(long number) => new(number, ChatItemKind.Message, DateTimeOffset.UnixEpoch, 0, 0, "x");

    private static bool Take(ChatState state, long number)
    {
        if (!state.IsNew(Item(number)))
        {
            return false;
        }

        state.Take(Item(number));
        return true;
    }

    private static ChatHello Hello(Guid speaker, long first = 1, Guid heard = default, long received = 0) => new(1, 1, speaker, first, heard, received);
}
