using System.Globalization;
using Xunit;

namespace Parley.Testing.Faults;

/// <summary>A file system of a few megabytes that a test can fill and empty; where none can be mounted the test is skipped and says why.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    private SmallDisk()
    {
    }

    /// <summary>Where it is mounted.</summary>
    public string FullPath => _folder.PathOf("disk");

    private string Ballast => Path.Combine(FullPath, "ballast");

    /// <summary>Mounts one.</summary>
    /// <param name="megabytes">Its size.</param>
    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        var mount = Requires.Program("mount");
        var disk = new SmallDisk();
        Directory.CreateDirectory(disk.FullPath);
        var options = string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=0700");
        var outcome = await RealProcess.RunAsync(mount, ["-t", "tmpfs", "-o", options, "tmpfs", disk.FullPath]);
        if (outcome.ExitCode != 0)
        {
            disk._folder.Dispose();
            Assert.Skip("a small file system cannot be mounted here: needs root");
        }

        return disk;
    }

    /// <summary>Writes until nothing more fits.</summary>
    public void Fill()
    {
        using var stream = new FileStream(Ballast, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                stream.Write(block);
            }
        }
        catch (IOException)
        {
            // Full: that is what it is for.
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Free() => File.Delete(Ballast);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await RealProcess.RunAsync("umount", [FullPath]);
        _folder.Dispose();
    }
}
