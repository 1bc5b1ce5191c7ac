using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.Gateway.A2a;
using Parley.Testing;

namespace Parley.EndToEndTests.A2aClient;

/// <summary>The program talks to the reference server.</summary>
public sealed class RemoteCommandTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string?> _token = new() { ["PARLEY_A2A_TOKEN"] = "let-me-in" };

    private readonly TempFolder _home = new();
    private ReferenceServer _server = null!;

    private string Target => $"a2a:{_server.Address}";

    public async ValueTask InitializeAsync() => _server = await ReferenceServer.StartAsync(A2aVersion.V1, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _home.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("jsonrpc")]
    [InlineData("rest")]
    [InlineData("grpc")]
    public async Task Send_prints_what_comes_and_saves_files(string binding)
    {
        var outcome = await RunAsync("a2a", "send", Target, "work", "--binding", binding, "--save", _home.PathOf("files"));

        Assert.Equal((0, "one two three\n{\"answer\":42,\"list\":[1,\"two\",null]}\n"), (outcome.ExitCode, outcome.Output));
        Assert.Equal([0, 1, 255], await File.ReadAllBytesAsync(Path.Combine(_home.PathOf("files"), "a.bin")));
    }

    [Fact]
    public async Task Send_gives_one_document_to_a_program()
    {
        var outcome = await RunAsync("a2a", "send", Target, "work", "--json");

        using var document = JsonDocument.Parse(outcome.Output);
        var root = document.RootElement;
        Assert.Equal(("completed", "Reference", "one two three"), (Text(root, "status"), Text(root, "from"), Text(root.GetProperty("reply"), "text")));
        Assert.Equal(42, root.GetProperty("reply").GetProperty("data")[0].GetProperty("answer").GetInt32());
        Assert.Equal(3, root.GetProperty("reply").GetProperty("files")[0].GetProperty("bytes").GetInt32());
    }

    [Fact]
    public async Task A_message_is_printed_and_standard_input_is_one_too()
    {
        var outcome = await ParleyProgram.RunWithInputAsync(_home.FullPath, "hello", "a2a", "send", Target);

        Assert.Equal((0, "Hello, world!"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task A_question_is_answered_under_its_task_and_shown_again()
    {
        var asked = await RunAsync("a2a", "send", Target, "ask");
        var task = asked.Error.Split("--task ")[1].Split(' ')[0];

        var answered = await RunAsync("a2a", "send", Target, "that one", "--task", task);
        var shown = await RunAsync("a2a", "tasks", "show", Target, task);
        var listed = await RunAsync("a2a", "tasks", "list", Target, "--json");
        var cancelled = await RunAsync("a2a", "tasks", "cancel", Target, task);

        Assert.Equal((0, "Which one?"), (asked.ExitCode, asked.Output));
        Assert.StartsWith("one two three", answered.Output, StringComparison.Ordinal);
        Assert.StartsWith("one two three", shown.Output, StringComparison.Ordinal);
        Assert.Contains(task, listed.Output, StringComparison.Ordinal);
        Assert.Equal(6, cancelled.ExitCode);
    }

    [Fact]
    public async Task A_task_that_nobody_waits_for_is_watched_and_cancelled()
    {
        var sent = await RunAsync("a2a", "send", Target, "slow", "--no-wait", "--json");
        using var document = JsonDocument.Parse(sent.Output);
        var task = Text(document.RootElement, "task");
        await using var watching = ParleyProgram.StartWith(_home.FullPath, _token, "a2a", "tasks", "watch", Target, task);

        var cancelled = await RunAsync("a2a", "tasks", "cancel", Target, task);

        Assert.Equal(0, cancelled.ExitCode);
        Assert.Equal(1, await watching.WaitForExitAsync());
    }

    [Fact]
    public async Task The_card_is_shown_with_its_signature()
    {
        var text = await RunAsync("card", "show", _server.Address.ToString());
        var json = await RunAsync("card", "show", Target, "--json");

        Assert.Equal(0, text.ExitCode);
        Assert.Contains("verified", text.Output, StringComparison.Ordinal);
        Assert.Contains("GRPC", text.Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(json.Output);
        Assert.Equal("verified", Text(document.RootElement.GetProperty("signature"), "state"));
    }

    [Fact]
    public async Task Whoever_is_not_there_is_told_by_the_exit_code()
    {
        var nobody = await RunAsync("a2a", "send", "a2a:http://127.0.0.1:9", "hello");
        var noCard = await RunAsync("card", "show", $"{_server.Address}rpc/nothing");

        Assert.Equal((5, 4), (nobody.ExitCode, noCard.ExitCode));
    }

    private static string Text(JsonElement value, string name) => value.GetProperty(name).GetString()!;

    private Task<ProcessOutcome> RunAsync(params string[] arguments) => ParleyProgram.RunWithAsync(_home.FullPath, _token, string.Empty, arguments);
}
