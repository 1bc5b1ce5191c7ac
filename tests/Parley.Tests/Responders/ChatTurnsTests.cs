using Parley.Client.Responders;
using Parley.Client.Responders.OpenAi;
using Parley.Gateway.OpenAi;
using Parley.Testing;

namespace Parley.Tests.Responders;

public sealed class ChatTurnsTests
{
    [Fact]
    public void Calls_and_their_results_keep_their_ids()
    {
        var messages = ChatTurns.Of([User("q"), Agent("", "a", "b"), Tool("a", "1"), Tool("b", "2"), Agent("done")]);

        Assert.Equal(["user:q", "assistant:+a,b", "tool a:1", "tool b:2", "assistant:done"], messages.Select(Text));
    }

    [Fact]
    public void Results_come_to_their_calls_whatever_stands_between()
    {
        var messages = ChatTurns.Of([Agent("", "a", "b"), User("meanwhile"), Tool("b", "2"), Tool("a", "1")]);

        Assert.Equal(["assistant:+a,b", "tool a:1", "tool b:2", "user:meanwhile"], messages.Select(Text));
    }

    [Fact]
    public void Calls_that_nobody_answered_are_left_out()
    {
        var messages = ChatTurns.Of([Agent("both", "a", "b"), Tool("b", "2"), Agent("", "c"), User("on")]);

        Assert.Equal(["assistant:both+b", "tool b:2", "user:on"], messages.Select(Text));
    }

    [Fact]
    public void A_result_without_a_call_is_text_of_the_other_side()
    {
        var messages = ChatTurns.Of([Tool("x", "1"), Agent("hello"), Tool("", "2"), Tool("x", "3")]);

        Assert.All(messages.Where((_, place) => place != 1), message => Assert.Equal("user", message.Role));
        Assert.EndsWith("\n\n3", messages[3].Content!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_result_of_a_call_is_text()
    {
        var messages = ChatTurns.Of([Agent("", "a", "a"), Tool("a", "1"), Tool("a", "2")]);

        Assert.Equal(["assistant", "tool", "user"], messages.Select(message => message.Role));
        Assert.Single(messages[0].ToolCalls!);
    }

    [Fact]
    public void Whatever_turns_come_every_call_has_its_result_right_behind_it()
    {
        Fuzz.Run(815, Fuzz.Count, random => Enumerable.Range(0, random.Next(12)).Select(_ => Any(random)).ToList(), turns =>
        {
            var open = new Queue<string>();
            foreach (var message in ChatTurns.Of(turns))
            {
                Assert.True(message.Role == "tool" ? open.TryDequeue(out var id) && id == message.ToolCallId : open.Count == 0);
                foreach (var call in message.ToolCalls ?? [])
                {
                    open.Enqueue(call.Id!);
                }
            }

            Assert.Empty(open);
        });
    }

    private static ResponderTurn Any(Random random) => random.Next(5) switch
    {
        0 => User("u"),
        1 => new ResponderTurn(TurnRole.System, "s"),
        2 => Agent("t", [.. Enumerable.Range(0, random.Next(3)).Select(_ => $"{random.Next(4)}")]),
        _ => Tool($"{random.Next(4)}", "r"),
    };

    private static ResponderTurn User(string text) => new(TurnRole.User, text);

    private static ResponderTurn Agent(string text, params string[] calls) => new(TurnRole.Agent, text) { ToolCalls = [.. calls.Select(id => new ToolCall(id, "f", "{}"))] };

    private static ResponderTurn Tool(string call, string text) => new(TurnRole.Tool, text) { ToolCall = call };

    private static string Text(ChatMessage message)
    {
        var head = message.ToolCallId is { } id ? $"{message.Role} {id}" : message.Role;
        var calls = message.ToolCalls is { } list ? "+" + string.Join(',', list.Select(call => call.Id)) : string.Empty;
        return $"{head}:{message.Content!.Text}{calls}";
    }
}
