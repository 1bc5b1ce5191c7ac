using Microsoft.Extensions.Logging;
using Parley.Cli;
using Parley.Client.Responders;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Cli;

public sealed class BugFileTests : IDisposable
{
    private readonly TempFolder _home = new();
    private readonly FakeTimeProvider _time = new();

    private string FilePath => _home.PathOf("last-bug.txt");

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_responder_that_throws_leaves_its_stack_in_a_private_file_and_the_listener_says_where()
    {
        using var console = new MemoryConsole();
        using var terminal = new Terminal(Stream.Null, console.Output, console.Error, TerminalTraits.None);
        using var context = new CommandContext(CommandTree.Build([], terminal, _ => null).Parse([]), terminal, name => name == "PARLEY_HOME" ? _home.FullPath : null);
        var responder = DelegateResponder.OfText((request, _) => throw new InvalidOperationException("cannot do " + DelegateResponder.TextOf(request)));
        await using var pipeline = new ResponderPipeline(
            responder, new ResponderPolicy { Senders = SenderPolicy.Of("acme", []) }, TimeProvider.System, context.Loggers.CreateLogger<ResponderPipeline>());

        await pipeline.AnswerAsync(
            new ResponderRequest("m1", "acme.a", string.Empty, MessageType.Auto, new Body("what nobody else may read"u8.ToArray())), new Silent(), TestContext.Current.CancellationToken);

        var kept = await File.ReadAllTextAsync(FilePath, TestContext.Current.CancellationToken);
        Assert.Contains("System.InvalidOperationException", kept, StringComparison.Ordinal);
        Assert.Contains(nameof(A_responder_that_throws_leaves_its_stack_in_a_private_file_and_the_listener_says_where), kept, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody else may read", kept + console.ErrorText, StringComparison.Ordinal);
        Assert.Contains(FilePath, console.ErrorText, StringComparison.Ordinal);
        Assert.Contains("m1", console.ErrorText, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void The_newest_stands_first_and_the_oldest_are_forgotten()
    {
        var bugs = new BugFile(() => _home.FullPath, _time);
        for (var number = 0; number < 20; number++)
        {
            bugs.TryKeep($"fault {number} " + new string('x', 10_000), new ParleyException(ErrorCode.Internal, $"our words {number}"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var kept = File.ReadAllText(FilePath);

        Assert.InRange(kept.Length, 1, 64 * 1024);
        Assert.True(kept.IndexOf("fault 19 ", StringComparison.Ordinal) < kept.IndexOf("fault 18 ", StringComparison.Ordinal));
        Assert.Contains("our words 19", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("fault 0 ", kept, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_what_fails_again_and_again_one_a_second_is_kept()
    {
        var bugs = new BugFile(() => _home.FullPath, _time);

        var paths = Enumerable.Range(0, 3).Select(number => bugs.TryKeep($"fault {number}", new IOException())).ToList();

        Assert.Equal([FilePath, null, null], paths);
    }

    [Fact]
    public void Where_nothing_can_be_written_the_work_goes_on()
    {
        File.WriteAllText(_home.PathOf("file"), string.Empty);

        Assert.Null(new BugFile(() => _home.PathOf("file"), _time).TryKeep("fault", new IOException()));
    }

    private sealed class Silent : IAnswerSink;
}
