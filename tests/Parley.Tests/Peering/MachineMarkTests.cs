using Parley.Client.Peering.Paths;

namespace Parley.Tests.Peering;

public sealed class MachineMarkTests
{
    private const string Boot = "0b0cf1a1-5f3b-4d0c-8f0e-6d2b8f1f7c11\n";

    [Fact]
    public void Two_programs_of_one_machine_have_one_name() => Assert.Equal(MachineMark.NameOf(Boot, "net:[1]"), MachineMark.NameOf(Boot, "net:[1]"));

    [Fact]
    public void Containers_of_one_machine_have_a_loopback_each() => Assert.NotEqual(MachineMark.NameOf(Boot, "net:[1]"), MachineMark.NameOf(Boot, "net:[2]"));

    [Fact]
    public void A_system_that_tells_neither_goes_by_its_name() => Assert.Contains(Environment.MachineName, MachineMark.NameOf(null, null), StringComparison.Ordinal);
}
