using System.Net.NetworkInformation;
using Xunit;

namespace Parley.Testing;

/// <summary>What a test needs from the machine; where it is missing the test is skipped and says why.</summary>
public static class Requires
{
    /// <summary>Skips the test unless the program is on PATH.</summary>
    /// <returns>The program's full path.</returns>
    public static string Program(string name)
    {
        var path = Find(name);
        if (path is null)
        {
            Assert.Skip($"{name} is not installed");
        }

        return path!;
    }

    /// <summary>Skips the test unless it runs as root, who alone may become other users.</summary>
    public static void Root()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("needs root, to act as another user");
        }
    }

    /// <summary>Skips the test on a machine that has nothing but loopback: a browser offers no way to itself there.</summary>
    public static void NetworkAddress()
    {
        var isThere = NetworkInterface.GetAllNetworkInterfaces()
            .Where(port => port.OperationalStatus == OperationalStatus.Up && port.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(port => port.GetIPProperties().UnicastAddresses)
            .Any(address => !address.Address.IsIPv6LinkLocal);
        if (!isThere)
        {
            Assert.Skip("this machine has no address but loopback");
        }
    }

    /// <summary>Whether <c>PARLEY_LONG=1</c>, which <c>./test --long</c> sets: loops run as often as was promised, and not a part of it.</summary>
    public static bool IsLongRun => Environment.GetEnvironmentVariable("PARLEY_LONG") == "1";

    /// <summary>Skips the test unless <see cref="IsLongRun"/>.</summary>
    public static void LongRun()
    {
        if (!IsLongRun)
        {
            Assert.Skip("a long run: ./test --long");
        }
    }

    /// <summary>The full path of a program on PATH; null when there is none.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
