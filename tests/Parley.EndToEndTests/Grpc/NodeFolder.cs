using System.Diagnostics;
using System.Security.Cryptography;

namespace Parley.EndToEndTests.Grpc;

/// <summary>The npm packages that stand for other people's implementations, installed once from the lock file into a folder under artifacts/.</summary>
internal static class NodeFolder
{
    private static readonly SemaphoreSlim _gate = new(1);
    private static int _copies;

    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The echo service of the tests.</summary>
    public static string EchoProto => Path.Combine(Root, "tests", "proto", "echo.proto");

    /// <summary>Starts a script of the folder; skips the test when node, npm or the packages cannot be had.</summary>
    public static async Task<Process> StartAsync(string script, CancellationToken cancellationToken, params string[] arguments)
    {
        var copy = await PathOfAsync(script, cancellationToken);
        return Start("node", Path.GetDirectoryName(copy)!, [copy, .. arguments]);
    }

    /// <summary>A script of the folder, where node finds its packages; skips the test when they cannot be had.</summary>
    public static async Task<string> PathOfAsync(string script, CancellationToken cancellationToken)
    {
        var (source, copy) = (Path.Combine(Root, "tests", "Parley.EndToEndTests", "node", script), Path.Combine(await InstallAsync(cancellationToken), script));
        var content = await File.ReadAllBytesAsync(source, cancellationToken);

        // A test beside this one may be starting the same script: it must not see half of it.
        if (!File.Exists(copy) || !Enumerable.SequenceEqual(content, await File.ReadAllBytesAsync(copy, cancellationToken)))
        {
            var next = $"{copy}.{Interlocked.Increment(ref _copies)}";
            await File.WriteAllBytesAsync(next, content, cancellationToken);
            File.Move(next, copy, overwrite: true);
        }

        return copy;
    }

    private static async Task<string> InstallAsync(CancellationToken cancellationToken)
    {
        var source = Path.Combine(Root, "tests", "Parley.EndToEndTests", "node");
        var key = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json"), cancellationToken)))[..12];
        var folder = Path.Combine(Root, "artifacts", "node", key.ToLowerInvariant());
        var marker = Path.Combine(folder, "installed");
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!File.Exists(marker))
            {
                Assert.SkipUnless(IsOnPath("node") && IsOnPath("npm"), "node and npm are not installed (Debian: apt install nodejs npm).");
                Directory.CreateDirectory(folder);
                File.Copy(Path.Combine(source, "package.json"), Path.Combine(folder, "package.json"), overwrite: true);
                File.Copy(Path.Combine(source, "package-lock.json"), Path.Combine(folder, "package-lock.json"), overwrite: true);
                using var npm = Start("npm", folder, ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
                npm.StandardInput.Close();
                var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
                var errors = await npm.StandardError.ReadToEndAsync(cancellationToken);
                await npm.WaitForExitAsync(cancellationToken);
                Assert.SkipUnless(npm.ExitCode == 0, $"npm ci failed, probably for want of a registry: {errors}{await output}");
                await File.WriteAllTextAsync(marker, key, cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }

        return folder;
    }

    private static Process Start(string command, string folder, string[] arguments) =>
        Process.Start(new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static bool IsOnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, command)));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Parley.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
