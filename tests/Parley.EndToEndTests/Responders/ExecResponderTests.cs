using System.Diagnostics;
using System.Text;
using Parley.Client.Responders;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using static Parley.EndToEndTests.Responders.Answering;

namespace Parley.EndToEndTests.Responders;

[Collection(nameof(RealProcesses))]
public sealed class ExecResponderTests
{
    [Fact]
    public async Task A_script_on_stdin_answers_with_both_streams_and_its_exit_code()
    {
        var reply = await ShellAsync("echo out; echo err >&2; exit 3");

        Assert.Equal("out\n", reply.Text());
        Assert.Equal("err\n", reply.Stderr.ToStringUtf8());
        Assert.Equal(3, reply.ExitCode);
        Assert.Equal((ReplyState.Completed, MessageType.Command, string.Empty, false), (reply.State, reply.Type, reply.ErrorCode, reply.Truncated));
    }

    [Fact]
    public async Task A_signal_is_told_as_128_and_its_number()
    {
        var reply = await ShellAsync("kill -9 $$");

        Assert.Equal(137, reply.ExitCode);
    }

    [Fact]
    public async Task Nothing_is_expanded_without_a_shell()
    {
        var reply = await AnswerAsync(Exec("printf '%s|' \"a b\" $HOME '*' \\;"), Request(string.Empty));

        Assert.Equal("a b|$HOME|*|;|", reply.Text());
    }

    [Fact]
    public async Task Ten_binary_MiB_come_back_as_they_went()
    {
        var content = new byte[10 * 1024 * 1024];
        new Random(7).NextBytes(content);

        var reply = await AnswerAsync(Exec("sha256sum"), Request(content, MessageType.File));

        Assert.StartsWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), reply.Text());
    }

    [Fact]
    public async Task A_child_that_never_reads_its_input_is_no_failure()
    {
        var reply = await AnswerAsync(Exec("echo done"), Request(new byte[1024 * 1024], MessageType.Text));

        Assert.Equal(("done\n", 0), (reply.Text(), reply.ExitCode));
    }

    [Fact]
    public async Task A_child_that_closes_its_output_early_is_waited_for()
    {
        var reply = await ShellAsync("exec >&- 2>&-; sleep 0.3; exit 4");

        Assert.Equal(4, reply.ExitCode);
    }

    [Fact]
    public async Task A_missing_program_is_told()
    {
        var reply = await AnswerAsync(Exec("/no/such/program"), Request("x"));

        Assert.Equal((ReplyState.Failed, "responder.failed"), (reply.State, reply.ErrorCode));
        Assert.Contains("no such program", reply.ErrorMessage);
    }

    [Fact]
    public async Task Output_beyond_the_cap_is_cut_with_a_marker_and_the_command_goes_on()
    {
        var reply = await ShellAsync("head -c 52428800 /dev/zero | tr '\\0' x; echo end >&2; exit 5");

        Assert.True(reply.Truncated);
        Assert.EndsWith("x\n[parley: output cut at 1 MiB]\n", reply.Text());
        Assert.Equal((1024 * 1024) + "\n[parley: output cut at 1 MiB]\n".Length, reply.Content.Length);
        Assert.Equal(("end\n", 5), (reply.Stderr.ToStringUtf8(), reply.ExitCode));
    }

    [Fact]
    public async Task Output_is_streamed_as_it_comes()
    {
        var sink = new FirstPart();
        var go = Path.Combine(Path.GetTempPath(), $"parley-go-{Environment.ProcessId}");
        File.Delete(go);

        var answer = AnswerAsync(Exec("/bin/sh"), Request($"echo first; while [ ! -e {go} ]; do sleep 0.02; done; echo second"), sink: sink);
        var first = await sink.Seen.Task.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(go, string.Empty, TestContext.Current.CancellationToken);
        var reply = await answer;
        File.Delete(go);

        Assert.Equal(("first\n", 0ul, PartStream.Content), (first.Data.ToStringUtf8(), first.Offset, first.Stream));
        Assert.Equal("first\nsecond\n", reply.Text());
    }

    [Fact]
    public async Task The_environment_is_clean_and_tells_about_the_message()
    {
        Environment.SetEnvironmentVariable("PARLEY_TEST_SECRET", "s3cret");
        Environment.SetEnvironmentVariable("PARLEY_TEST_PASSED", "passed");
        var request = Request("env") with { Meta = new Dictionary<string, string> { ["k"] = "v\n\"" } };

        var reply = await AnswerAsync(Exec("/bin/sh", options => options with { PassedVariables = ["PARLEY_TEST_PASSED"], Home = "/var/x" }), request);

        var names = reply.Text().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]).ToHashSet();
        string[] shellOwn = ["PWD", "OLDPWD", "SHLVL", "_"];
        string[] known =
        [
            "PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER", "LOGNAME", "SHELL", "TERM", "PARLEY_FROM", "PARLEY_ID", "PARLEY_CAUSE", "PARLEY_THREAD",
            "PARLEY_TYPE", "PARLEY_CONTEXT", "PARLEY_OUT", "PARLEY_HOME", "PARLEY_TEST_PASSED",
        ];
        Assert.DoesNotContain(names.Except(known).Except(shellOwn), name => !name.StartsWith("LC_", StringComparison.Ordinal));
        Assert.DoesNotContain("s3cret", reply.Text());
        Assert.Contains("PARLEY_FROM=acme.agent-a\n", reply.Text());
        Assert.Contains("PARLEY_TYPE=command\n", reply.Text());
        Assert.Contains("PARLEY_CONTEXT={\"k\":\"v\\n\\u0022\"}\n", reply.Text());
        Assert.Contains("TERM=dumb\n", reply.Text());
    }

    [Fact]
    public async Task No_descriptor_but_the_three_streams_reaches_the_child()
    {
        // No pipeline: the shell itself would hold the pipe's end for a moment.
        var reply = await ShellAsync("ls /proc/$$/fd");

        Assert.Equal("0\n1\n2\n", reply.Text());
    }

    [Fact]
    public async Task SIGPIPE_has_its_default_in_the_child()
    {
        var reply = await ShellAsync("(yes; echo $? >&2) | head -n 1");

        Assert.Equal(("y\n", "141\n"), (reply.Text(), reply.Stderr.ToStringUtf8()));
    }

    [Fact]
    public async Task A_file_is_saved_for_the_command_under_a_plain_name()
    {
        var request = Request("content", MessageType.File) with { FileName = "../../x y.txt" };

        var reply = await AnswerAsync(Exec("perl -e '$f = $ENV{PARLEY_FILE}; printf \"%s %o \", $f =~ m{([^/]+)$}, (stat $f)[2] & 0777; print <STDIN>'"), request);

        Assert.Equal("x y.txt 600 content", reply.Text());
    }

    [Fact]
    public async Task Files_left_in_the_output_folder_come_back_and_links_are_not_followed()
    {
        var reply = await ShellAsync(
            """
            cd "$PARLEY_OUT"
            printf hello > a.txt
            mkdir -p sub; printf deep > sub/b.txt
            ln -s /etc/passwd passwd; ln -s /etc etc; mkfifo pipe
            printf secret > '-rf'
            """);

        Assert.Equal(["_rf", "a.txt", "sub_b.txt"], reply.Files.Select(file => file.Name));
        Assert.Equal("hello", reply.Files[1].Content.ToStringUtf8());
        Assert.DoesNotContain(reply.Files, file => file.Content.ToStringUtf8().Contains("root:"));
        Assert.True(reply.Truncated);
    }

    [Fact]
    public async Task The_folder_of_a_run_is_private_and_gone_afterwards_whatever_the_command_did_to_it()
    {
        var reply = await ShellAsync("stat -c %a \"$PARLEY_OUT\"; echo \"$PARLEY_OUT\"; mkdir -p \"$PARLEY_OUT/x/y\"; chmod 0 \"$PARLEY_OUT/x\" \"$PARLEY_OUT\"");

        var lines = reply.Text().Split('\n');
        Assert.Equal("700", lines[0]);
        Assert.False(Directory.Exists(Path.GetDirectoryName(lines[1])));
    }

    [Fact]
    public async Task A_shell_never_sees_text_or_files()
    {
        var reply = await AnswerAsync(Exec("/bin/sh"), Request("echo run", MessageType.Text));

        Assert.Equal(("unsupported", string.Empty), (reply.ErrorCode, reply.Text()));
    }

    [Fact]
    public async Task Five_hundred_runs_leave_no_descriptor_and_no_zombie()
    {
        var responder = Exec("/bin/true");
        await AnswerAsync(responder, Request("x"));
        var before = Directory.GetFiles("/proc/self/fd").Length;

        await using var pipeline = Pipeline(responder, policy => policy with { Concurrency = 8 });
        var replies = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => pipeline.AnswerAsync(
            Request("x") with { Id = $"m{number}", Thread = string.Empty }, new Silence(), TestContext.Current.CancellationToken)));

        Assert.All(replies, reply => Assert.Equal(0, reply.ExitCode));
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 30);
        Assert.DoesNotContain(Process.GetProcesses(), process => process.ProcessName == "true");
    }

    [Fact]
    public async Task Runs_beyond_the_limit_wait_their_turn()
    {
        var log = Path.GetTempFileName();
        await using var pipeline = Pipeline(Exec("/bin/sh"), policy => policy with { Concurrency = 2 });

        await Task.WhenAll(Enumerable.Range(0, 6).Select(number => pipeline.AnswerAsync(
            Request($"echo + >> {log}; sleep 0.1; echo - >> {log}") with { Id = $"m{number}", Thread = string.Empty }, new Silence(), TestContext.Current.CancellationToken)));

        var running = 0;
        var most = 0;
        foreach (var line in await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken))
        {
            running += line == "+" ? 1 : -1;
            most = Math.Max(most, running);
        }

        File.Delete(log);
        Assert.Equal((0, 2), (running, most));
    }

    private sealed class FirstPart : IAnswerSink
    {
        public TaskCompletionSource<Part> Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask PartAsync(Part part, CancellationToken cancellationToken)
        {
            Seen.TrySetResult(part);
            return ValueTask.CompletedTask;
        }
    }
}
