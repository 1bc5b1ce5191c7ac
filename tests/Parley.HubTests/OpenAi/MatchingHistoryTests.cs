using System.Text.Json;
using Parley.Testing;

namespace Parley.HubTests.OpenAi;

public sealed class MatchingHistoryTests : IAsyncLifetime
{
    private const string Path = "/v1/chat/completions";

    private readonly List<(string Thread, string Text)> _seen = [];
    private OpenAiSite _site = null!;

    public async ValueTask InitializeAsync()
    {
        _site = await OpenAiSite.StartAsync(options => options.Conversations.MatchesHistory = true);
        await _site.AnswerAsync(request =>
        {
            _seen.Add((request.Thread, DelegateResponder.TextOf(request)));
            return $"answer {_seen.Count}";
        });
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_conversation_whose_history_is_equal_goes_on_in_its_thread()
    {
        await AskAsync(("user", "one"));
        await AskAsync(("user", "one"), ("assistant", "answer 1"), ("user", "two"));
        await AskAsync(("user", "one"), ("assistant", "answer 1"), ("user", "two"), ("assistant", "answer 2"), ("user", "three"));

        Assert.Equal(["one", "two", "three"], _seen.Select(one => one.Text));
        Assert.NotEmpty(Assert.Single(_seen.Select(one => one.Thread).Distinct()));
    }

    [Fact]
    public async Task One_that_was_changed_is_in_no_thread()
    {
        await AskAsync(("user", "one"));
        await AskAsync(("user", "one"), ("assistant", "answer 1, edited"), ("user", "two"));

        Assert.Equal(string.Empty, _seen[1].Thread);
    }

    [Fact]
    public async Task One_that_goes_on_from_where_another_went_on_before_is_in_no_thread()
    {
        await AskAsync(("user", "one"));
        await AskAsync(("user", "one"), ("assistant", "answer 1"), ("user", "two"));
        await AskAsync(("user", "one"), ("assistant", "answer 1"), ("user", "another two"));

        Assert.Equal(string.Empty, _seen[2].Thread);
    }

    [Fact]
    public async Task Another_key_never_goes_on_in_a_thread_that_is_not_its_own()
    {
        using var other = _site.ClientWith(await _site.MakeKeyAsync("acme"));

        await AskAsync(("user", "one"));
        await AskAsync(other, ("user", "one"), ("assistant", "answer 1"), ("user", "two"));

        Assert.Equal(string.Empty, _seen[1].Thread);
    }

    private Task<JsonElement> AskAsync(params (string Role, string Content)[] messages) => AskAsync(_site.Client, messages);

    private Task<JsonElement> AskAsync(HttpClient client, params (string Role, string Content)[] messages) =>
        _site.AskAsync(Path, JsonSerializer.Serialize(new { model = "agent", messages = messages.Select(message => new { role = message.Role, content = message.Content }) }), client);
}
