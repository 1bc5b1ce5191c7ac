using System.Net.NetworkInformation;
using System.Text.RegularExpressions;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerApi;

/// <summary>T10 and T11: the guide's commands, typed as they stand in docs/tls-certificates.md, by two users on one machine.</summary>
public sealed partial class CertificateGuideTests
{
    private const int Port = 3100;

    [Fact]
    public async Task T10_T11_W15_the_guide_works_as_it_is_written()
    {
        Requires.Program("openssl");
        Requires.Program("curl");
        Assert.SkipWhen(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == Port), "Port 3100, which the guide uses, is taken.");
        using var folder = new TempFolder();
        var users = new Dictionary<string, string> { ["kp"] = MakeUser(folder, "kp"), ["peer-b"] = MakeUser(folder, "peer-b") };
        var outputs = new List<string>();
        RealProcess? server = null;

        foreach (Match step in Step().Matches(await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "tls-certificates.md"))))
        {
            var (user, commands) = (step.Groups["user"].Value, step.Groups["commands"].Value);
            if (commands.TrimEnd().EndsWith('&'))
            {
                server = RealProcess.Start("/bin/bash", ["-c", $"exec {commands.TrimEnd().TrimEnd('&')}"], EnvironmentOf(folder, users[user]));
                await server.WaitForErrorAsync("serving peers as peer-b");
                continue;
            }

            var done = await RealProcess.RunAsync("/bin/bash", ["-e", "-c", commands], environment: EnvironmentOf(folder, users[user]));
            Assert.True(done.ExitCode == 0, $"{user}: {commands}\n{done.Output}\n{done.Error}");
            outputs.Add(done.Output);
            Carry(users);
        }

        await server!.DisposeAsync();
        Assert.Equal("SHA256:" + outputs[2].Trim().Split('=')[1], outputs[0].Trim());
        Assert.Contains("""{"status":"ok"}""", outputs[^1], StringComparison.Ordinal);
        Assert.Contains("Peer signature type: Ed25519", outputs[^1], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Are you there?", outputs[^1], StringComparison.Ordinal);
        Assert.Contains("OK   peer-b: answers", outputs[^1], StringComparison.Ordinal);
    }

    private static string MakeUser(TempFolder folder, string name) => Directory.CreateDirectory(folder.PathOf(name)).FullName;

    // What people do between the steps.
    private static void Carry(Dictionary<string, string> users)
    {
        foreach (var (from, to) in new[] { ("kp", "peer-b"), ("peer-b", "kp") })
        {
            var file = Path.Combine(users[from], $"{from}.json");
            if (File.Exists(file))
            {
                File.Copy(file, Path.Combine(users[to], $"{from}.json"), overwrite: true);
            }
        }
    }

    private static Dictionary<string, string?> EnvironmentOf(TempFolder folder, string user)
    {
        var tools = Directory.CreateDirectory(folder.PathOf("tools")).FullName;
        if (!File.Exists(Path.Combine(tools, "parley")))
        {
            File.CreateSymbolicLink(Path.Combine(tools, "parley"), ParleyProgram.FullPath);
        }

        if (Environment.GetEnvironmentVariable("PATH")!.Split(':').All(path => !File.Exists(Path.Combine(path, "hostname"))) && !File.Exists(Path.Combine(tools, "hostname")))
        {
            // Every machine of a person has it; small images do not.
            File.WriteAllText(Path.Combine(tools, "hostname"), "#!/bin/sh\nuname -n\n");
            File.SetUnixFileMode(Path.Combine(tools, "hostname"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new Dictionary<string, string?> { ["HOME"] = user, ["PATH"] = $"{tools}:{Environment.GetEnvironmentVariable("PATH")}", ["PARLEY_HOME"] = null };
    }

    [GeneratedRegex(@"On (?<user>kp|peer-b):\n\n```sh\n(?<commands>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Step();
}
